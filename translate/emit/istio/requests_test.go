package istio

import (
	"regexp"
	"testing"
)

func TestOtherThanTakesAllTextsButOne(t *testing.T) {
	re := regexp.MustCompile("^(?:(?i)" + otherThan("websocket") + ")$")
	tests := map[string]bool{
		"websocket": false, "WebSocket": false, "WEBSOCKET": false,
		"w": true, "webs": true, "websocke": true, "websockets": true, "websocket" + " ": true, "websocketwebsocket": true, "ebsocket": true,
		"wxbsocket": true, "websockex": true, "h2c": true, "SPDY/3.1": true, "w/websocket": true,
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			if got := re.MatchString(text); got != want {
				t.Errorf("%q: %v, want %v", text, got, want)
			}
		})
	}
}
