//go:build envtest

package operator

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// inputsRead are what every operator reads, and what it reads of them.
var inputsRead = [...]string{"ingresses", "ingressclasses", "namespaces", "services", "configmaps", "secrets", "migrations", "ingresstranslations"}

// Without any single right to read what every operator reads it is not ready and says why. Nothing is changed, although something is to be,
// and all is well when the right is given.
func TestWithoutEachRightToRead(t *testing.T) {
	l := shared(t).lesser(t, lessToRead, "reader-")
	defer l.all()
	l.serves()
	for _, resource := range inputsRead {
		for _, verb := range [...]string{"list", "watch"} {
			l.part(verb+" "+resource, func(l *lesser) {
				why := fmt.Sprintf("cannot %s resource %q", verb, resource)
				l.reads(l.right("everywhere", verb, resource), "copy", why, why)
			})
		}
	}
}

// The same of what is applied: there the Migration says why.
func TestWithoutEachRightToReadWhatIsApplied(t *testing.T) {
	l := shared(t).lesser(t, lessToFollow, "follower-")
	defer l.all()
	l.serves()
	for _, w := range allWritten {
		for _, verb := range [...]string{"list", "watch"} {
			if w.resource != "secrets" { // which are read by every operator
				l.part(verb+" "+w.resource, func(l *lesser) {
					l.reads(l.right("everywhere", verb, w.resource), w.policy, "", fmt.Sprintf("the operator may not %s %s.", verb, w.resource))
				})
			}
		}
	}
}

// serves begins with one Ingress that is live, and one that is to be.
func (l *lesser) serves() {
	l.t.Helper()
	l.ingress("shop", "moves", "moves."+l.name+".test", allowList)
	l.ingress("blog", "plain", "plain."+l.name+".test", phaseNote(v1alpha1.PhaseLive))
	l.starts(nil)
	l.done("blog", "plain", v1alpha1.PhaseLive)
}

// reads starts an operator that has something to do, without the right.
func (l *lesser) reads(r right, policy, unready, why string) {
	l.t.Helper()
	l.stop()
	before := l.bytes()
	p := v1alpha1.PhaseLive // or back
	if it, err := l.translation("shop", "moves"); err == nil && it.Status.Phase == p {
		p = v1alpha1.PhasePreview
	}
	give := l.without(r)
	l.issued(policy)
	l.phase("shop", "moves", p)
	address := freeAddress(l.t)
	l.starts(func(o *Options) { o.HealthAddress, o.Again = address, 200*time.Millisecond })
	if unready != "" {
		l.unready(address, "caches", unready)
	}
	l.saysForbidden(why)
	if diff := cmp.Diff(before, l.bytes()); diff != "" {
		l.t.Errorf("(-before +after):\n%s", diff)
	}
	give()
	l.done("shop", "moves", p)
	l.answers(address, "/readyz", http.StatusOK)
}

// unready waits until a check says that the operator is not ready, and why.
func (l *lesser) unready(address, check, why string) {
	l.t.Helper()
	l.eventually(func() error {
		r, err := http.Get("http://" + address + "/readyz/" + check)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err == nil && (r.StatusCode == http.StatusOK || !strings.Contains(string(text), why)) {
			err = fmt.Errorf("%s: %s", r.Status, text)
		}
		return err
	})
	l.answers(address, "/readyz", http.StatusInternalServerError)
	l.answers(address, "/healthz", http.StatusOK)
}
