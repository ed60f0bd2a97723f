//go:build envtest

package operator

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// Without any single right to write what is the operator's own, the Migration says so, or its metric of errors where it can say nothing.
// What is live stays as it is, and all is well when the right is given.
func TestWithoutEachRightOfItsOwn(t *testing.T) {
	l := shared(t).lesser(t, lessOfItsOwn, "own-")
	defer l.all()
	l.ingress("blog", "plain", "plain."+l.name+".test", phaseNote(v1alpha1.PhaseLive))
	l.ingress("shop", "moves", "moves."+l.name+".test", allowList)
	l.starts(nil)
	l.done("blog", "plain", v1alpha1.PhaseLive)
	l.done("shop", "moves", v1alpha1.PhasePreview)
	before := l.bytes()
	same := func(l *lesser) {
		l.t.Helper()
		if diff := cmp.Diff(before, l.bytes()); diff != "" {
			l.t.Errorf("(-before +after):\n%s", diff)
		}
	}
	lacks := func(verb, resource string, do, then func(*lesser)) {
		l.part(verb+" "+resource, func(l *lesser) {
			r := l.right("everywhere", verb, resource)
			give := l.without(r)
			do(l)
			give()
			l.poked()
			then(l)
		})
	}
	said := func(verb, resource string, do func(*lesser)) func(*lesser) {
		return func(l *lesser) {
			l.t.Helper()
			do(l)
			l.said(l.right("everywhere", verb, resource))
		}
	}
	lacks("create", "ingresstranslations", said("create", "ingresstranslations", func(l *lesser) { l.ingress("shop", "comes", "comes."+l.name+".test") }), func(l *lesser) {
		l.done("shop", "comes", v1alpha1.PhasePreview)
		same(l)
	})
	lacks("delete", "ingresstranslations", func(l *lesser) {
		said("delete", "ingresstranslations", func(l *lesser) { l.remove("shop", "comes") })(l)
		l.goesOn()
	}, func(l *lesser) {
		l.gone(&v1alpha1.IngressTranslation{ObjectMeta: metav1.ObjectMeta{Namespace: l.ns("shop"), Name: "comes"}})
		same(l)
	})
	moves := func(l *lesser) { l.phase("shop", "moves", v1alpha1.PhaseLive) }
	back := func(l *lesser) {
		l.t.Helper()
		l.done("shop", "moves", v1alpha1.PhaseLive)
		l.phase("shop", "moves", v1alpha1.PhasePreview)
		l.done("shop", "moves", v1alpha1.PhasePreview)
		l.eventually(func() error { return differ(before, l.bytes()) })
	}
	lacks("patch", "ingresstranslations", func(l *lesser) { // what is not remembered is not applied
		said("patch", "ingresstranslations", moves)(l)
		same(l)
	}, back)
	lacks("patch", "ingresstranslations/status", said("patch", "ingresstranslations/status", moves), back)
	lacks("patch", "migrations", func(l *lesser) {
		said("patch", "migrations", func(l *lesser) { l.migration(func(m *v1alpha1.MigrationSpec) { m.OnDelete = "prune" }) })(l)
		l.goesOn()
	}, func(l *lesser) {
		l.done("shop", "moves", v1alpha1.PhasePreview)
		l.migration(func(m *v1alpha1.MigrationSpec) { m.OnDelete = "keep" })
	})
	lacks("patch", "migrations/status", func(l *lesser) {
		failed := l.failures()
		l.goesOn()
		l.eventually(func() error {
			if l.failures() == failed {
				return fmt.Errorf("no error is counted")
			}
			return nil
		})
	}, func(l *lesser) {
		l.whole()
		l.done("shop", "moves", v1alpha1.PhasePreview)
		same(l)
	})
	for _, verb := range [...]string{"create", "patch"} {
		goes := func(l *lesser) {
			l.t.Helper()
			it, err := l.translation("shop", "told-"+verb)
			require.NoError(l.t, err)
			require.NoError(l.t, l.admin.Delete(l.t.Context(), it))
			l.eventually(func() error {
				if now, err := l.translation("shop", "told-"+verb); err != nil || now.UID == it.UID {
					return fmt.Errorf("it is not made again: %w", err)
				}
				return l.is("shop", "told-"+verb, v1alpha1.PhasePreview, v1alpha1.ConditionReady, v1alpha1.ReasonDone)
			})
		}
		lacks(verb, "events", func(l *lesser) { // only the log says so; nothing waits for it
			refused := l.refused.count()
			l.ingress("shop", "told-"+verb, verb+"."+l.name+".test")
			l.done("shop", "told-"+verb, v1alpha1.PhasePreview)
			l.eventually(func() error { // the same for the second time is a patch
				goes(l)
				if l.refused.count() == refused {
					return fmt.Errorf("nothing was refused")
				}
				return nil
			})
		}, func(l *lesser) {
			l.say("shop", "told-"+verb, "example.com/look", "again") // events of one version of an Ingress that went wrong are not made up for
			l.eventually(func() error {
				goes(l)
				all := &eventsv1.EventList{}
				require.NoError(l.t, l.admin.List(l.t.Context(), all, client.InNamespace(l.ns("shop"))))
				if slices.ContainsFunc(all.Items, func(e eventsv1.Event) bool {
					return e.Regarding.Name == "told-"+verb && (verb == "create" || e.Series != nil)
				}) {
					return nil
				}
				return fmt.Errorf("there is no such event")
			})
		})
	}
}

// Without a right to keep the list of hosts that a guard goes by, the Migration says so.
func TestWithoutEachRightToKeepTheListOfHosts(t *testing.T) {
	l := shared(t).lesser(t, lessOfHostList, "listless-")
	defer l.all()
	l.starts(nil)
	for i, verb := range [...]string{"create", "patch"} {
		l.part(verb, func(l *lesser) {
			r := l.right("in some namespaces", verb, "configmaps")
			give := l.without(r)
			name := fmt.Sprintf("host-%d", i)
			l.ingress("shop", name, name+"."+l.name+".test", phaseNote(v1alpha1.PhaseLive))
			l.said(r)
			l.goesOn()
			give()
			l.poked()
			l.done("shop", name, v1alpha1.PhaseLive)
		})
	}
	l.hosts(map[string]string{"host-0." + l.name + ".test": l.ns("shop"), "host-1." + l.name + ".test": l.ns("shop")})
}
