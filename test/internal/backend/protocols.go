package backend

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// answerGRPC sends one empty message and the status OK in the trailers.
func answerGRPC(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Trailer", "Grpc-Status")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte{0, 0, 0, 0, 0})
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	w.Header().Set("Grpc-Status", "0")
}

func isWebSocket(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") && strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade")
}

// webSocketKey is the constant of RFC 6455 that is hashed with the client's key.
const webSocketKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// echoWebSocket accepts the upgrade, sends the first message back and waits for the other side to close.
func echoWebSocket(w http.ResponseWriter, r *http.Request) {
	h, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, rw, err := h.Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + webSocketKey))
	fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	if rw.Flush() != nil {
		return
	}
	message, err := readMasked(rw.Reader)
	if err != nil {
		return
	}
	_, _ = rw.Write(append([]byte{0x81, byte(len(message))}, message...))
	if rw.Flush() == nil {
		_, _ = io.Copy(io.Discard, rw)
	}
}

// readMasked reads a client's frame of fewer than 126 bytes.
func readMasked(r *bufio.Reader) ([]byte, error) {
	head := make([]byte, 6) // two bytes, four of mask
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	message := make([]byte, head[1]&0x7f)
	if _, err := io.ReadFull(r, message); err != nil {
		return nil, err
	}
	for i := range message {
		message[i] ^= head[2+i%4]
	}
	return message, nil
}
