// Package authorizer answers a gateway's question whether a request carries the user name and password of a password file.
package authorizer

import (
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"time"
)

const (
	// Header says which users may pass: FORM/NAMESPACE.NAME. The gateway sets it.
	Header = "X-I2g-Users"
	// CheckPath is where the question is asked, whatever the method.
	CheckPath = "/check"

	// longestCredentials bounds what is hashed: some forms take time with the square of the length.
	longestCredentials = 4096
	// mostWaiting bounds the requests that wait for a processor.
	mostWaiting = 256
)

// Handler answers 200 for a user and password that are in the file, 401 for any others, and 503 if the file is not there.
type Handler struct {
	passwordFiles *passwordFiles
	now           func() time.Time
	// slots are taken while a hash is computed, places while a request waits for a slot or has one.
	slots, places chan struct{}
}

// New reads password files below a folder, each when it is first asked for and again when it changes. Nothing that a
// request says is logged.
func New(dir string, log *slog.Logger) (*Handler, error) { return newHandler(dir, log, time.Now) }

func newHandler(dir string, log *slog.Logger, now func() time.Time) (*Handler, error) {
	l, err := newPasswordFiles(dir, now, log)
	if err != nil {
		return nil, err
	}
	n := runtime.GOMAXPROCS(0)
	return &Handler{passwordFiles: l, now: now, slots: make(chan struct{}, n), places: make(chan struct{}, n+mostWaiting)}, nil
}

// ServeHTTP answers the gateway and the kubelet.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case CheckPath:
		h.check(w, r)
	case "/healthz":
		answer(w, http.StatusOK)
	default:
		answer(w, http.StatusNotFound)
	}
}

func (h *Handler) check(w http.ResponseWriter, r *http.Request) {
	users, err := h.passwordFiles.find(r.Header.Get(Header))
	if err != nil {
		answer(w, http.StatusServiceUnavailable) // the gateway lets nobody pass
		return
	}
	name, password, ok := r.BasicAuth()
	if !ok || name == "" || len(name)+len(password) > longestCredentials {
		challenge(w)
		return
	}
	key := users.key(name, password)
	if users.remembers(key, h.now()) {
		answer(w, http.StatusOK)
		return
	}
	if !h.enter(r) {
		answer(w, http.StatusServiceUnavailable)
		return
	}
	if !h.compute(users, name, password) {
		challenge(w)
		return
	}
	users.remember(key, h.now())
	answer(w, http.StatusOK)
}

// enter waits for a processor, unless too many wait already or the client goes away.
func (h *Handler) enter(r *http.Request) bool {
	select {
	case h.places <- struct{}{}:
	default:
		return false
	}
	select {
	case h.slots <- struct{}{}:
		return true
	case <-r.Context().Done():
		<-h.places
		return false
	}
}

// compute checks credentials and makes room for the next request.
func (h *Handler) compute(u *users, name, password string) bool {
	defer func() { <-h.slots; <-h.places }()
	return u.check(name, password)
}

// challenge refuses. The gateway puts the realm of the route in place of this one.
func challenge(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Basic realm="users"`)
	answer(w, http.StatusUnauthorized)
}

func answer(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, http.StatusText(status)+"\n") // a client that is gone needs no answer
}
