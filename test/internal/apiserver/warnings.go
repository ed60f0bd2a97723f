package apiserver

import (
	"slices"
	"sync"
)

// warnings collects the remarks of admission on objects that it lets in.
type warnings struct {
	mu   sync.Mutex
	text []string
}

// HandleWarningHeader is called for every remark; code 299 is the only one there is.
func (w *warnings) HandleWarningHeader(code int, _, text string) {
	if code != 299 || text == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.text, text) { // many objects, one remark
		w.text = append(w.text, text)
	}
}

func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.text
	w.text = nil
	return text
}
