// What the programs in C and C++ share: the command line, and a JSON line per step.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int argc_, next_ = 3, is_text_ = 0;
static char **argv_;
static char *data_ = NULL;
static size_t size_;

static int listens(void) { return strcmp(argv_[1], "listen") == 0; }
static const char *url(void) { return argv_[2]; }

static void begin(int argc, char **argv) {
  argc_ = argc;
  argv_ = argv;
  setvbuf(stdout, NULL, _IONBF, 0);
}

static void opened(void) { puts("{\"step\":\"open\"}"); }

static void closed(int code) { printf("{\"step\":\"closed\",\"code\":%d}\n", code); }

static void failed(int status, const char *text) {
  printf("{\"step\":\"error\",");
  if (status >= 300) printf("\"status\":%d,", status);
  printf("\"text\":\"");
  for (; text && *text; text++) putchar(strchr("\"\\\n\r", *text) ? ' ' : *text);
  puts("\"}");
}

// Goes on to what is to be sent next (data_, size_, is_text_); 0 if that was all.
static int next_order(void) {
  if (data_ != NULL && is_text_) {
    is_text_ = 0;
    memset(data_, 255, size_);
    return 1;
  }
  free(data_);
  data_ = NULL;
  if (next_ >= argc_) return 0;
  size_ = strtoul(argv_[next_++], NULL, 10);
  data_ = (char *)malloc(size_ + 1);
  memset(data_, 'a', size_);
  is_text_ = 1;
  return 1;
}

// Tells of a message; 1 if there is something to send then, -1 if it is time to leave.
static int heard(const void *bytes, size_t size, int is_text) {
  if (listens()) return printf("{\"step\":\"message\",\"size\":%zu}\n", size) < 0;
  if (data_ != NULL) {
    int same = size == size_ && !is_text == !is_text_ && memcmp(bytes, data_, size) == 0;
    printf("{\"step\":\"echo\",\"kind\":\"%s\",\"size\":%zu,\"same\":%s}\n",
           is_text_ ? "text" : "binary", size_, same ? "true" : "false");
  }
  return next_order() ? 1 : -1;
}
