package translate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func TestTheControllersConfigMapIsTheOneThatItsFlagNames(t *testing.T) {
	a, b := snapshot.Key{Namespace: "infra", Name: "a"}, snapshot.Key{Namespace: "infra", Name: "b"}
	cases := map[string]struct {
		o    SourceOptions
		want []string // what is said of it
	}{
		"the flag names it":                    {o: SourceOptions{ControllerArgs: []string{"--configmap=infra/a"}}, want: []string{"--configmap SettingExact", "hsts SettingExact"}},
		"the option counts before the flag":    {o: SourceOptions{ControllerArgs: []string{"--configmap=infra/a"}, ControllerConfig: b}, want: []string{"--configmap SettingExact", "use-gzip SettingExact"}},
		"one that is not in the input is said": {o: SourceOptions{ControllerArgs: []string{"--configmap=infra/c"}}, want: []string{"--configmap SettingManual"}},
		"one whose namespace the pod fills in": {o: SourceOptions{ControllerArgs: []string{"--configmap=$(POD_NAMESPACE)/a"}}, want: []string{"--configmap SettingManual"}},
		"nothing names one":                    {},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := snapshot.New()
			s.ConfigMaps[a] = &snapshot.ConfigMap{Object: &finding.Object{Kind: "ConfigMap", Name: "a"}, Key: a, Data: map[string]string{"hsts": "false"}}
			s.ConfigMaps[b] = &snapshot.ConfigMap{Object: &finding.Object{Kind: "ConfigMap", Name: "b"}, Key: b, Data: map[string]string{"use-gzip": "true"}}
			var got []string
			for _, f := range Translate(s, Options{Source: c.o}).Findings {
				got = append(got, f.Origin.Field+" "+f.Code.Entry().Name)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestObjectsThatTheControllersFlagsName(t *testing.T) {
	o := SourceOptions{ControllerArgs: []string{"--configmap", "a/b", "--tcp-services-configmap=c/d", "--udp-services-configmap=$(NS)/e", "--default-ssl-certificate=f/g"}}
	if diff := cmp.Diff([]snapshot.Key{{Namespace: "a", Name: "b"}, {Namespace: "c", Name: "d"}}, o.ConfigMaps()); diff != "" {
		t.Errorf("ConfigMaps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]snapshot.Key{{Namespace: "f", Name: "g"}}, o.Secrets()); diff != "" {
		t.Errorf("Secrets (-want +got):\n%s", diff)
	}
}
