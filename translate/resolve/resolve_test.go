package resolve

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func ingress(class, annotation, uid string) *snapshot.Ingress {
	in := &snapshot.Ingress{Object: &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "web"}}
	in.ObjectMeta = metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "1"}
	if uid == "" {
		in.UID = ""
	}
	if class != "" {
		in.Spec = netv1.IngressSpec{IngressClassName: &class}
	}
	if annotation != "" {
		in.Annotations = map[string]string{ClassAnnotation: annotation}
	}
	return in
}

func TestWhichIngressesTheControllerTakes(t *testing.T) {
	defaults := ClassRules{Controller: IngressNginx, Class: "nginx"}
	classes := map[string]*snapshot.Class{
		"nginx": {Name: "nginx", Controller: IngressNginx}, "public": {Name: "public", Controller: IngressNginx, Default: true},
		"other": {Name: "other", Controller: "example.com/other"},
	}
	for name, c := range map[string]struct {
		in      *snapshot.Ingress
		rules   ClassRules
		classes map[string]*snapshot.Class
		takes   bool
		code    finding.Code
	}{
		"a class of ours":                                     {ingress("public", "", "1"), defaults, classes, true, ""},
		"a class of another controller":                       {ingress("other", "", "1"), defaults, classes, false, finding.ForeignClass},
		"an unknown class, whatever the annotation says":      {ingress("gone", "nginx", "1"), defaults, classes, false, finding.UnknownClass},
		"an unknown class that was mapped":                    {ingress("gone", "", "1"), ClassRules{Controller: IngressNginx, Class: "nginx", Mapped: map[string]string{"gone": "ingress-nginx"}}, classes, true, ""},
		"a telling name without any class in the input":       {ingress("nginx-internal", "", "1"), defaults, nil, true, finding.ClassBelieved},
		"the vendor's name without any class in the input":    {ingress("nginx-plus", "", "1"), defaults, nil, false, finding.UnknownClass},
		"the old annotation":                                  {ingress("", "nginx", "1"), defaults, classes, true, ""},
		"the old annotation of another class":                 {ingress("", "haproxy", "1"), defaults, classes, false, finding.ForeignClass},
		"no class, as it lives in a cluster":                  {ingress("", "", "1"), defaults, classes, false, finding.NoClass},
		"no class, not yet in a cluster with a default class": {ingress("", "", ""), defaults, classes, true, ""},
		"no class, and the controller watches those":          {ingress("", "", "1"), ClassRules{Controller: IngressNginx, Class: "nginx", WithoutClass: true}, classes, true, ""},
		"the class by its name":                               {ingress("other", "", "1"), ClassRules{Controller: IngressNginx, Class: "other", ByName: true}, classes, true, ""},
		"another namespace than the watched one":              {ingress("nginx", "", "1"), ClassRules{Controller: IngressNginx, Class: "nginx", WatchNamespace: "blog"}, classes, false, finding.ForeignClass},
	} {
		t.Run(name, func(t *testing.T) {
			s := snapshot.New()
			s.Ingresses = []*snapshot.Ingress{c.in}
			if c.classes != nil {
				s.Classes, s.HasClasses = c.classes, true
			}
			var fs finding.List
			taken, skipped := Select(s, c.rules, &fs)
			if got := len(taken) == 1; got != c.takes || len(taken)+skipped != 1 {
				t.Errorf("taken %d, skipped %d, want taken %v", len(taken), skipped, c.takes)
			}
			code := finding.Code("")
			for _, f := range fs.Sorted() {
				code = f.Code
			}
			if code != c.code {
				t.Errorf("finding %q, want %q", code, c.code)
			}
		})
	}
}

func TestArguments(t *testing.T) {
	got := Args([]string{"/nginx-ingress-controller", "--ingress-class=public", "--watch-namespace", "shop", "-disable-catch-all", "--http-port", "8080"})
	want := map[string]string{"ingress-class": "public", "watch-namespace": "shop", "disable-catch-all": "true", "http-port": "8080"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestServicePorts(t *testing.T) {
	s := snapshot.New()
	add := func(x *snapshot.Service) { s.Services[x.Key] = x }
	add(&snapshot.Service{Key: snapshot.Key{Namespace: "shop", Name: "web"}, Ports: []snapshot.ServicePort{{Name: "admin", Number: 9000, TargetPort: "80"}, {Name: "http", Number: 80, TargetPort: "app"}}})
	add(&snapshot.Service{Key: snapshot.Key{Namespace: "shop", Name: "out"}, ExternalName: "api.example.com"})
	add(&snapshot.Service{Key: snapshot.Key{Namespace: "shop", Name: "self"}, ExternalName: "LOCALHOST."})
	for name, c := range map[string]struct {
		service, port string
		want          int32
		external      bool
		res           annotations.Resolution
	}{
		"the first port whose target is the number goes first": {"web", "80", 9000, false, annotations.Resolved},
		"a port by its name":                          {"web", "http", 80, false, annotations.Resolved},
		"a port by the name of its target":            {"web", "app", 80, false, annotations.Resolved},
		"a number the Service lacks":                  {"web", "81", 81, false, annotations.NoPort},
		"a name the Service lacks":                    {"web", "grpc", 0, false, annotations.NoPort},
		"a number of a Service that is not there":     {"gone", "80", 80, false, annotations.NoService},
		"a name of a Service that is not there":       {"gone", "http", 0, false, annotations.NoPortName},
		"a port an external name does not list":       {"out", "443", 443, true, annotations.Resolved},
		"an external name that is the machine itself": {"self", "80", 80, false, annotations.RefusedService},
	} {
		t.Run(name, func(t *testing.T) {
			b, res := Lookup{Snapshot: s}.Backend("shop", c.service, c.port)
			got := model.Backend{Namespace: b.Namespace, Service: b.Service, Port: b.Port, External: b.External}
			want := model.Backend{Namespace: "shop", Service: c.service, Port: c.want, External: c.external}
			if d := cmp.Diff(want, got); d != "" || res != c.res {
				t.Errorf("resolution %v, want %v\n%s", res, c.res, d)
			}
		})
	}
}
