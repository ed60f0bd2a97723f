package operator

import (
	"fmt"
	"testing"

	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

func TestWarningsOfTheAPIServerAreLoggedOnce(t *testing.T) {
	var got []string
	ctx := log.IntoContext(t.Context(), funcr.New(func(_, args string) { got = append(got, args) }, funcr.Options{}))
	w := &warnings{}
	for range 3 {
		w.HandleWarningHeaderWithContext(ctx, 299, "", "EnvoyFilter exposes internals")
		w.HandleWarningHeaderWithContext(ctx, 299, "", `virtualService rule "i2g/guard" not used (all matches used by prior rules)`)
		w.HandleWarningHeaderWithContext(ctx, 299, "", `virtualService rule "shop/a" not used`)
		w.HandleWarningHeaderWithContext(ctx, 199, "", "something else")
		w.HandleWarningHeaderWithContext(ctx, 299, "", "")
	}
	want := []string{
		`"level"=0 "msg"="The API server warns" "warning"="EnvoyFilter exposes internals"`,
		`"level"=0 "msg"="The API server warns" "warning"="virtualService rule \"shop/a\" not used"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i := range 2 * mostWarnings {
		w.HandleWarningHeaderWithContext(ctx, 299, "", fmt.Sprint(i))
	}
	if len(w.said) > mostWarnings {
		t.Errorf("%d texts are remembered", len(w.said))
	}
}
