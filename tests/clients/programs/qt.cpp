// Qt WebSockets, 5 or 6, whichever it is compiled with.
#include <QCoreApplication>
#include <QUrl>
#include <QWebSocket>
#include "steps.h"

int main(int argc, char **argv) {
  QCoreApplication app(argc, argv);
  begin(argc, argv);
  QWebSocket socket;
  bool isOpen = false;
  auto answer = [&](const QByteArray &bytes, bool isText) {
    switch (heard(bytes.constData(), bytes.size(), isText)) {
      case -1: socket.close(); break;
      case 1:
        if (is_text_) socket.sendTextMessage(QString::fromLatin1(data_, size_));
        else socket.sendBinaryMessage(QByteArray(data_, size_));
    }
  };
  QObject::connect(&socket, &QWebSocket::connected, [&] { isOpen = true; opened(); });
  QObject::connect(&socket, &QWebSocket::textMessageReceived,
                   [&](const QString &text) { answer(text.toUtf8(), true); });
  QObject::connect(&socket, &QWebSocket::binaryMessageReceived,
                   [&](const QByteArray &bytes) { answer(bytes, false); });
  auto fail = [&] {
    if (!isOpen) failed(0, socket.errorString().toUtf8().constData());
  };
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
  QObject::connect(&socket, &QWebSocket::errorOccurred, fail);
#else
  QObject::connect(&socket, QOverload<QAbstractSocket::SocketError>::of(&QWebSocket::error), fail);
#endif
  QObject::connect(&socket, &QWebSocket::disconnected, [&] {
    closed(socket.closeCode());
    app.quit();
  });
  socket.open(QUrl(url()));
  return app.exec();
}
