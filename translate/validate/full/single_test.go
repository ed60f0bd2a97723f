package full

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Every single change of every sample: each value replaced by each of the values, each field lost or misspelt, each list
// grown.
func TestFastAcceptsNoSingleChangeThatTheSchemasRefuse(t *testing.T) {
	v, err := New()
	require.NoError(t, err)
	for i, s := range samples {
		t.Run(fmt.Sprintf("%s %d", s.kind, i), func(t *testing.T) {
			tried, refused := 0, 0
			o := s.object(t)
			eachChange(o.Spec, func(spec any) {
				changed := *o
				changed.Spec = spec
				form := &changed
				tried++
				if len(fast(t, form)) > 0 {
					refused++
					// As a message it may yet be right: what is not known got lost, or was put into another form.
					typed, ok := message(form)
					if !ok || len(fast(t, typed)) > 0 {
						return
					}
					form = typed
				}
				problems, err := v.Check([]*manifest.Object{form})
				require.NoError(t, err)
				if len(problems) > 0 {
					text, _ := manifest.YAML(form.Tree())
					t.Errorf("Fast accepts what the schema refuses: %v\n%s", problems, text)
				}
			})
			// Else the changes would show nothing.
			require.Positive(t, refused)
			require.Greater(t, tried, refused)
		})
	}
}

// eachChange hands on every tree that differs from v in one place.
func eachChange(v any, f func(any)) {
	for _, x := range values {
		f(x)
	}
	switch v := v.(type) {
	case manifest.Map:
		f(append(append(manifest.Map(nil), v...), manifest.Field{Key: "unheardOf", Value: "x"}))
		for i := range v {
			f(append(append(manifest.Map(nil), v[:i]...), v[i+1:]...))
			misspelt := append(manifest.Map(nil), v...)
			misspelt[i].Key += "s"
			f(misspelt)
			eachChange(v[i].Value, func(x any) {
				out := append(manifest.Map(nil), v...)
				out[i].Value = x
				f(out)
			})
		}
	case []any:
		f(append(append([]any(nil), v...), v...))
		f(v[1:])
		long := append([]any(nil), v...)
		for range 600 {
			long = append(long, fmt.Sprintf("x%d.test", len(long)))
		}
		f(long)
		for i := range v {
			eachChange(v[i], func(x any) {
				out := append([]any(nil), v...)
				out[i] = x
				f(out)
			})
		}
	}
}
