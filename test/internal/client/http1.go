package client

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"sort"
)

// exchangeHTTP1 writes the request by hand, since the path, the Host header and the header names go out as they are.
func (m *message) exchangeHTTP1(conn net.Conn, a *Answer) {
	text := m.render()
	go func() { _, _ = conn.Write(text) }() // the answer may come before the body is through; a failure shows in it
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, &http.Request{Method: m.method})
	if err != nil {
		a.fail(ErrorConnection, err)
		return
	}
	defer resp.Body.Close()
	a.Status, a.Header = resp.StatusCode, resp.Header
	if resp.StatusCode == http.StatusSwitchingProtocols && m.send.WebSocket != "" {
		a.WebSocket, err = exchangeMessage(conn, r, m.send.WebSocket)
	} else {
		a.Body, err = io.ReadAll(resp.Body)
		a.Trailer = resp.Trailer
	}
	if err != nil {
		a.Detail = "body: " + err.Error()
	}
}

func (m *message) render() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/%s\r\n", m.method, m.path, version(m.send))
	if m.host != "" {
		fmt.Fprintf(&b, "Host: %s\r\n", m.host)
	}
	if m.send.WebSocket != "" {
		key := make([]byte, 16)
		rand.Read(key) // never fails
		b.WriteString("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
		fmt.Fprintf(&b, "Sec-WebSocket-Key: %s\r\n", base64.StdEncoding.EncodeToString(key))
	}
	names := make([]string, 0, len(m.header))
	for name := range m.header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, value := range m.header[name] {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	if m.send.Chunked {
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		writeChunks(&b, m.body)
		return b.Bytes()
	}
	if len(m.body) > 0 || m.method == http.MethodPost || m.method == http.MethodPut || m.method == http.MethodPatch {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(m.body))
	}
	b.WriteString("\r\n")
	b.Write(m.body)
	return b.Bytes()
}

func writeChunks(b *bytes.Buffer, body []byte) {
	const size = 4096
	for len(body) > 0 {
		chunk := body[:min(size, len(body))]
		body = body[len(chunk):]
		fmt.Fprintf(b, "%x\r\n%s\r\n", len(chunk), chunk)
	}
	b.WriteString("0\r\n\r\n")
}

// exchangeMessage sends one short text frame and returns the payload of the frame that comes back.
func exchangeMessage(conn net.Conn, r *bufio.Reader, text string) (string, error) {
	mask := [4]byte{1, 2, 3, 4}
	frame := append([]byte{0x81, 0x80 | byte(len(text))}, mask[:]...)
	for i := range len(text) {
		frame = append(frame, text[i]^mask[i%4])
	}
	if _, err := conn.Write(frame); err != nil {
		return "", err
	}
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return "", err
	}
	payload := make([]byte, head[1]&0x7f)
	_, err := io.ReadFull(r, payload)
	return string(payload), err
}
