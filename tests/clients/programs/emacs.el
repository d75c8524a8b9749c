;; websocket.el.  -*- lexical-binding: t -*-
(require 'websocket)

(defvar mode (pop command-line-args-left))
(defvar url (pop command-line-args-left))
(defvar orders
  (mapcan (lambda (size) (list (cons 'text (string-to-number size))
                               (cons 'binary (string-to-number size))))
          command-line-args-left))
(setq command-line-args-left nil)
(defvar asked nil)
(defvar over nil)

(defun say (format &rest values)
  (princ (concat (apply #'format format values) "\n")))

(defun content (order)
  (if (eq (car order) 'text)
      (make-string (cdr order) ?a)
    (encode-coding-string (make-string (cdr order) 255) 'latin-1)))

(defun answer (socket frame)
  (let ((payload (websocket-frame-payload frame)) (kind (websocket-frame-opcode frame)))
    (if (equal mode "listen")
        (say "{\"step\":\"message\",\"size\":%d}" (string-bytes payload))
      (when asked
        (say "{\"step\":\"echo\",\"kind\":\"%s\",\"size\":%d,\"same\":%s}" (car asked) (cdr asked)
             (if (and (eq kind (car asked)) (equal payload (content asked)))
                 "true" "false")))
      (setq asked (pop orders))
      (if (not asked)
          (websocket-close socket)
        (websocket-send socket (make-websocket-frame
                                :opcode (car asked) :completep t
                                :payload (content asked)))))))

(condition-case problem
    (websocket-open
     url
     :on-open (lambda (_) (say "{\"step\":\"open\"}"))
     :on-message #'answer
     :on-error (lambda (_ kind error)
                 (say "{\"step\":\"error\",\"text\":%S}" (format "%s %s" kind error)))
     ;; It tells no code.
     :on-close (lambda (_) (say "{\"step\":\"closed\",\"code\":0}") (setq over t)))
  (error (say "{\"step\":\"error\",\"text\":%S}" (format "%s" problem)) (setq over t)))
(while (not over) (accept-process-output nil 0.1))
