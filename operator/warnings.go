package operator

import (
	"context"
	"strings"
	"sync"

	"sigs.k8s.io/controller-runtime/pkg/log"
)

// warnings take what the API server warns of when it accepts an object. Istio warns of every EnvoyFilter, at every write: each text is
// logged once.
type warnings struct {
	mu   sync.Mutex
	said map[string]bool
}

const (
	mostWarnings = 1000 // texts hold names, and are remembered
	// ofGuards begins a warning that is no news: routes that answer only if a team's part of a host is gone are not used, if all is well.
	ofGuards = `virtualService rule "i2g/guard"`
)

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
func (w *warnings) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	const miscellaneous = 299
	if code != miscellaneous || text == "" || strings.HasPrefix(text, ofGuards) || !w.news(text) {
		return
	}
	log.FromContext(ctx).Info("The API server warns", "warning", text)
}

func (w *warnings) news(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said[text] {
		return false
	}
	if w.said == nil || len(w.said) >= mostWarnings {
		w.said = map[string]bool{}
	}
	w.said[text] = true
	return true
}
