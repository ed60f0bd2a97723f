package state

import (
	"context"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports/diff"
)

type noticesKey struct{}

// withNotices lets what the server warns of be said of the object that is asked about.
func withNotices(ctx context.Context, p *diff.Pair) context.Context {
	return context.WithValue(ctx, noticesKey{}, p)
}

// warnings takes the warnings of the server.
type warnings struct{}

// HandleWarningHeaderWithContext takes one.
func (warnings) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	p, ok := ctx.Value(noticesKey{}).(*diff.Pair)
	if !ok || code != 299 || text == "" {
		return
	}
	if notice := "the API server warns: " + text; !slices.Contains(p.Notices, notice) {
		p.Notices = append(p.Notices, notice)
	}
}
