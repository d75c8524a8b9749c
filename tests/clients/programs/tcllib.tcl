# tcllib's websocket.
package require websocket

fconfigure stdout -buffering line
lassign $argv mode url
set orders {}
foreach size [lrange $argv 2 end] { lappend orders text $size binary $size }
set asked {}

proc content {kind size} {
    string repeat [expr {$kind eq "text" ? "a" : "\xff"}] $size
}

proc answer {socket kind message} {
    global mode orders asked
    if {$mode eq "listen"} {
        puts [format {{"step":"message","size":%d}} [string length $message]]
        return
    }
    if {$asked ne {}} {
        lassign $asked was size
        set same [expr {$was eq $kind && $message eq [content $was $size]}]
        set same [expr {$same ? "true" : "false"}]
        puts [format {{"step":"echo","kind":"%s","size":%d,"same":%s}} $was $size $same]
    }
    set asked [lrange $orders 0 1]
    set orders [lrange $orders 2 end]
    if {$asked eq {}} {
        ::websocket::close $socket 1000
    } else {
        ::websocket::send $socket [lindex $asked 0] [content {*}$asked]
    }
}

proc on {socket type message} {
    switch -- $type {
        connect { puts {{"step":"open"}} }
        text - binary { answer $socket $type $message }
        close { set ::code [lindex $message 0] }
        disconnect {
            puts [format {{"step":"closed","code":%d}} $::code]
            set ::over 1
        }
        error {
            set text [string map {\" ' \\ / \n { }} $message]
            puts [format {{"step":"error","text":"%s"}} $text]
            set ::over 1
        }
    }
}

set code 1006
if {[catch {::websocket::open $url on} problem]} { on - error $problem }
vwait over
