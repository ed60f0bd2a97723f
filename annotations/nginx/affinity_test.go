package nginx

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

func TestSessionsOfAService(t *testing.T) {
	cookie := func(name string, more ...string) map[string]string {
		m := map[string]string{"affinity": "cookie", "session-cookie-name": name}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		in   []traffic
		want map[string]*model.Affinity // by Ingress
	}{
		"the cookie's path is that of the Ingress": {
			[]traffic{{"a/one", []string{"x.test/one=web"}, map[string]string{"affinity": "cookie"}}},
			map[string]*model.Affinity{"a/one": {Cookie: "INGRESSCOOKIE", Path: "/one"}},
		},
		"the cookie of the youngest counts": {
			[]traffic{{"a/one", []string{"x.test/one=web"}, cookie("old", "session-cookie-secure", "true")}, {"a/two", []string{"x.test/two=web"}, cookie("new")}},
			map[string]*model.Affinity{"a/one": {Cookie: "new", Path: "/one"}, "a/two": {Cookie: "new", Path: "/two"}},
		},
		"the mode of the oldest that has one counts": {
			[]traffic{{"a/one", []string{"x.test/one=web"}, cookie("s", "affinity-mode", "persistent")}, {"a/two", []string{"x.test/two=web"}, cookie("s", "affinity-mode", "balanced")}},
			map[string]*model.Affinity{"a/one": {Cookie: "s", Path: "/one", Persistent: true}, "a/two": {Cookie: "s", Path: "/two", Persistent: true}},
		},
		"other routes of the Service honour a balanced cookie": {
			[]traffic{{"a/one", []string{"x.test/one=web"}, cookie("s", "session-cookie-path", "/")}, {"a/two", []string{"x.test/two=web"}, nil}},
			map[string]*model.Affinity{"a/one": {Cookie: "s", Path: "/"}, "a/two": {Cookie: "s", Path: "/", NoIssue: true}},
		},
		"other routes cannot honour a persistent cookie without issuing it": {
			[]traffic{{"a/one", []string{"x.test/one=web"}, cookie("s", "session-cookie-change-on-failure", "true")}, {"a/two", []string{"x.test/two=web"}, nil}},
			map[string]*model.Affinity{"a/one": {Cookie: "s", Path: "/one", ChangeOnFailure: true}, "a/two": nil},
		},
		"the sessions of a canary Ingress are not read": {
			[]traffic{{"a/one", []string{"x.test/one=web"}, nil}, {"a/two", []string{"x.test/one=next"}, cookie("s", "canary", "true", "canary-weight", "1")}},
			map[string]*model.Affinity{"a/one": nil},
		},
		"max-age beats expires": {
			[]traffic{{"a/one", []string{"x.test/one=web"}, cookie("s", "session-cookie-max-age", "10", "session-cookie-expires", "20")}},
			map[string]*model.Affinity{"a/one": {Cookie: "s", Path: "/one", MaxAge: 10}},
		},
		"expires does where there is no max-age": {
			[]traffic{{"a/one", []string{"x.test/one=web"}, cookie("s", "session-cookie-max-age", "-1", "session-cookie-expires", "20")}},
			map[string]*model.Affinity{"a/one": {Cookie: "s", Path: "/one", MaxAge: 20}},
		},
		"a name that no cookie can have": {
			[]traffic{{"a/one", []string{"x.test/one=web"}, cookie("a/b")}},
			map[string]*model.Affinity{"a/one": {Cookie: "INGRESSCOOKIE", Path: "/one"}},
		},
		"a path that cannot stand in a cookie": {
			[]traffic{{"a/one", []string{"x.test/one;two=web"}, cookie("s")}},
			map[string]*model.Affinity{"a/one": {Cookie: "s", Path: "/"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := readTraffic(t, nil, c.in)
			require.NotEmpty(t, e.Hosts)
			got := map[string]*model.Affinity{}
			for _, r := range e.Hosts[0].Rules {
				if _, ok := r.Action.(model.Forward); ok {
					got[r.Ingress] = r.Affinity
				}
			}
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(model.Affinity{}, "Origins")); diff != "" {
				t.Errorf("sessions (-want +got):\n%s", diff)
			}
		})
	}
}
