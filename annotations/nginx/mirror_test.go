package nginx

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

func TestTargetsOfMirrors(t *testing.T) {
	shadow := model.Backend{Namespace: "lab", Service: "shadow", Port: 80}
	outside := model.Backend{Namespace: "a", Service: "trial.example.org", ExternalName: "trial.example.org", External: true, Port: 443, Protocol: model.HTTPS, TLS: &model.BackendTLS{}}
	for name, c := range map[string]struct {
		target, host string
		want         *model.Mirror
	}{
		"a Service and the request's own path": {"http://shadow.lab.svc.cluster.local$request_uri", "", &model.Mirror{Backend: shadow, Host: "shadow.lab.svc.cluster.local"}},
		"the variable in braces":               {"http://shadow.lab.svc:80${request_uri}", "s.test", &model.Mirror{Backend: shadow, Host: "s.test"}},
		"a slash too many":                     {"https://trial.example.org/$request_uri", "", &model.Mirror{Backend: outside, Host: "trial.example.org"}},
		"a path of its own":                    {"http://shadow.lab.svc.cluster.local/copy", "", &model.Mirror{Backend: shadow, Host: "shadow.lab.svc.cluster.local", Path: "/copy"}},
		"a path in front":                      {"http://shadow.lab.svc.cluster.local/copy$request_uri", "", &model.Mirror{Backend: shadow, Host: "shadow.lab.svc.cluster.local", Prefix: "/copy"}},
		"a host that cannot be sent":           {"http://shadow.lab.svc.cluster.local$request_uri", "~^x", &model.Mirror{Backend: shadow, Host: "shadow.lab.svc.cluster.local"}},
		"other variables":                      {"http://$host$request_uri", "", nil},
		"a query":                              {"http://shadow.lab.svc.cluster.local/copy?a=b", "", nil},
		"no scheme":                            {"shadow.lab.svc.cluster.local", "", nil},
		"a port that the Service lacks":        {"http://shadow.lab.svc.cluster.local:9000$request_uri", "", nil},
		"an address":                           {"http://192.0.2.1$request_uri", "", nil},
		"a name without a domain":              {"http://shadow$request_uri", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			keys := map[string]string{"mirror-target": c.target}
			if c.host != "" {
				keys["mirror-host"] = c.host
			}
			e, _ := readTraffic(t, nil, []traffic{{"a/web", []string{"x.test/=web"}, keys}})
			require.NotEmpty(t, e.Hosts)
			if diff := cmp.Diff(c.want, e.Hosts[0].Rules[0].Mirror, cmpopts.IgnoreFields(model.Mirror{}, "Origin"), cmpopts.IgnoreFields(model.BackendTLS{}, "Origin")); diff != "" {
				t.Errorf("mirror (-want +got):\n%s", diff)
			}
		})
	}
}
