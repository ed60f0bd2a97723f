package load

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func readText(text string) *snapshot.Snapshot {
	s := snapshot.New()
	Bytes("in.yaml", []byte(text), s)
	return s
}

// outcome is what reading came to, in the lines of a test's expectation: the counts, the Ingresses, the findings.
func outcome(s *snapshot.Snapshot) string {
	var b strings.Builder
	fmt.Fprintf(&b, "read %d failed %d\n", s.Read, s.Failed)
	for _, in := range s.Ingresses {
		fmt.Fprintf(&b, "Ingress %s/%s line %d\n", in.Namespace, in.Name, in.Object.Line)
	}
	for _, f := range s.Findings.Sorted() {
		line := strings.TrimPrefix(f.Origin.Place(), "in.yaml:")
		fmt.Fprintln(&b, strings.Join(strings.Fields(fmt.Sprint(f.Code.Entry().Name, " ", line, " ", f.Origin.Object.Ref(), " ", f.Origin.Field)), " "))
	}
	return b.String()
}

const (
	head = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n"
	spec = "spec:\n  rules:\n  - host: a.example.com\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend:\n          service:\n            name: web\n            port:\n              number: 80\n"
	good = head + spec
	old  = "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata:\n  name: web\nspec:\n"
)

func other(name string) string { return strings.Replace(good, "name: web", "name: "+name, 1) }

// oddInputs: key → input and what must come of it.
var oddInputs = map[string]struct{ in, want string }{
	"a plain Ingress is read":                      {good, "read 1 failed 0\nIngress default/web line 1\n"},
	"an empty stream holds nothing":                {"", "read 0 failed 0\n"},
	"separators and comments hold nothing":         {"---\n# nothing\n---\n\n---\n", "read 0 failed 0\n"},
	"a byte order mark and CRLF change nothing":    {"\ufeff" + strings.ReplaceAll(good, "\n", "\r\n"), "read 1 failed 0\nIngress default/web line 1\n"},
	"UTF-16 as PowerShell writes it is understood": {utf16Of(good), "read 1 failed 0\nIngress default/web line 1\n"},
	"lines are counted over documents":             {"# x\n---\n" + good + "--- # second\n# c\n" + other("b"), "read 2 failed 0\nIngress default/b line 21\nIngress default/web line 3\n"},
	"dots end a document":                          {good + "...\n" + other("b"), "read 2 failed 0\nIngress default/b line 18\nIngress default/web line 1\n"},
	"directives belong to the document behind":     {"%YAML 1.1\n---\n" + good, "read 1 failed 0\nIngress default/web line 3\n"},
	"text is not a manifest":                       {"No resources found\n", "read 0 failed 0\nUnreadable 1\n"},
	"a document without a kind is passed over":     {"replicas: 3\n---\n" + good, "read 1 failed 0\nIngress default/web line 3\nForeignKind 1\n"},
	"unknown kinds are passed over and said":       {"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n---\n" + good, "read 1 failed 0\nIngress default/web line 5\nForeignKind kind\n"},
	"a networking document without kind is wrong":  {strings.Replace(good, "kind: Ingress\n", "", 1), "read 0 failed 0\nInvalidObject 1 web kind\n"},
	"an OpenShift Ingress is another thing":        {"apiVersion: config.openshift.io/v1\nkind: Ingress\nmetadata:\n  name: cluster\nspec:\n  domain: x\n", "read 0 failed 0\nForeignKind 1 Ingress cluster\n"},
	"an unknown version of the group fails":        {strings.Replace(good, "io/v1", "io/v2", 1), "read 1 failed 1\nInvalidObject 1 Ingress default/web apiVersion\n"},
	"the core group has no Ingress":                {strings.Replace(good, "networking.k8s.io/v1", "v1", 1), "read 1 failed 1\nInvalidObject 1 Ingress default/web apiVersion\n"},
	"a missing apiVersion fails":                   {strings.Replace(good, "apiVersion: networking.k8s.io/v1\n", "", 1), "read 1 failed 1\nInvalidObject 1 Ingress default/web apiVersion\n"},
	"a kind in lower case does not exist":          {strings.Replace(good, "kind: Ingress", "kind: ingress", 1), "read 1 failed 1\nInvalidObject 1 Ingress default/web kind\n"},

	"a broken document costs only itself": {
		good + "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: bad\n spec: x\n---\n" + other("b"),
		"read 3 failed 1\nIngress default/b line 24\nIngress default/web line 1\nUnreadable 22 Ingress bad\n",
	},
	"a tab is a syntax error with its line":      {good + "---\nkind: Ingress\nmetadata:\n\tname: x\n", "read 2 failed 1\nIngress default/web line 1\nUnreadable 20 Ingress\n"},
	"a byte that is no UTF-8 is a syntax error":  {"kind: Ingress\nmetadata:\n  name: caf\xe9\n---\n" + good, "read 2 failed 1\nIngress default/web line 5\nUnreadable 1 Ingress caf\xe9\n"},
	"a key that stands twice fails the object":   {head + "  name: web2\n" + spec, "read 1 failed 1\nDuplicateKey 5 Ingress default/web2 name\n"},
	"an annotation that stands twice fails it":   {head + "  annotations:\n    a: b\n    a: c\n" + spec, "read 1 failed 1\nDuplicateKey 7 Ingress default/web a\n"},
	"a doubled key elsewhere costs nothing":      {"kind: Deployment\napiVersion: apps/v1\na: 1\na: 2\n---\n" + good, "read 1 failed 0\nIngress default/web line 6\nForeignKind kind\n"},
	"null maps are empty maps":                   {head + "  annotations: null\n  labels:\n" + spec + "  tls: null\nstatus:\n", "read 1 failed 0\nIngress default/web line 1\n"},
	"null rules leave nothing to serve":          {head + "spec:\n  rules: null\n", "read 1 failed 1\nInvalidObject 5 Ingress default/web spec\n"},
	"a rule without http is valid":               {head + "spec:\n  rules:\n  - host: a.example.com\n", "read 1 failed 0\nIngress default/web line 1\n"},
	"http without paths is not":                  {head + "spec:\n  rules:\n  - http: {}\n", "read 1 failed 1\nInvalidObject 7 Ingress default/web spec.rules[0].http.paths\n"},
	"an unquoted true is no annotation":          {head + "  annotations:\n    a: true\n    b: 8\n    c: yes\n" + spec, "read 1 failed 1\nInvalidObject 6 Ingress default/web a\nInvalidObject 7 Ingress default/web b\nInvalidObject 8 Ingress default/web c\n"},
	"an empty annotation is an empty string":     {head + "  annotations:\n    a:\n" + spec, "read 1 failed 0\nIngress default/web line 1\n"},
	"annotations must be a map":                  {head + "  annotations: [a]\n" + spec, "read 1 failed 1\nInvalidObject 5 Ingress default/web metadata.annotations\n"},
	"annotation keys are checked":                {head + "  annotations:\n    /a: b\n" + spec, "read 1 failed 1\nInvalidObject 6 Ingress default/web /a\n"},
	"an unknown field is reported and ignored":   {good + "  ingresClassName: nginx\n", "read 1 failed 0\nIngress default/web line 1\nUnknownField 17 Ingress default/web spec.ingresClassName\n"},
	"a misspelt pathType is no pathType":         {strings.Replace(good, "pathType", "pathtype", 1), "read 1 failed 1\nInvalidObject 10 Ingress default/web spec.rules[0].http.paths[0].pathType\nUnknownField 11 Ingress default/web spec.rules[0].http.paths[0].pathtype\n"},
	"pathType is one of three":                   {strings.Replace(good, "Prefix", "prefix", 1), "read 1 failed 1\nInvalidObject 11 Ingress default/web spec.rules[0].http.paths[0].pathType\n"},
	"a prefix begins with a slash":               {strings.Replace(good, "path: /\n", "path: x\n", 1), "read 1 failed 1\nInvalidObject 10 Ingress default/web spec.rules[0].http.paths[0].path\n"},
	"a prefix is not empty":                      {strings.Replace(good, "path: /\n", "path: \"\"\n", 1), "read 1 failed 1\nInvalidObject 10 Ingress default/web spec.rules[0].http.paths[0].path\n"},
	"a prefix has no dot segments":               {strings.Replace(good, "path: /\n", "path: /a/..\n", 1), "read 1 failed 1\nInvalidObject 10 Ingress default/web spec.rules[0].http.paths[0].path\n"},
	"any path may be empty":                      {strings.Replace(strings.Replace(good, "      - path: /\n        ", "      - ", 1), "Prefix", "ImplementationSpecific", 1), "read 1 failed 0\nIngress default/web line 1\n"},
	"a host is in lower case":                    {strings.Replace(good, "a.example", "A.example", 1), "read 1 failed 1\nInvalidObject 7 Ingress default/web spec.rules[0].host\n"},
	"a host is no address":                       {strings.Replace(good, "a.example.com", "10.0.0.1", 1), "read 1 failed 1\nInvalidObject 7 Ingress default/web spec.rules[0].host\n"},
	"a host has no port":                         {strings.Replace(good, "a.example.com", "a.example.com:80", 1), "read 1 failed 1\nInvalidObject 7 Ingress default/web spec.rules[0].host\n"},
	"an asterisk is a whole first label":         {strings.Replace(good, "a.example.com", "'a.*.com'", 1), "read 1 failed 1\nInvalidObject 7 Ingress default/web spec.rules[0].host\n"},
	"a wildcard host is valid":                   {strings.Replace(good, "a.example.com", "'*.example.com'", 1), "read 1 failed 0\nIngress default/web line 1\n"},
	"a backend has a port":                       {strings.Replace(good, "            port:\n              number: 80\n", "", 1), "read 1 failed 1\nInvalidObject 12 Ingress default/web spec.rules[0].http.paths[0].backend.service.port\n"},
	"a port has a name or a number":              {good + "              name: http\n", "read 1 failed 1\nInvalidObject 12 Ingress default/web spec.rules[0].http.paths[0].backend.service.port\n"},
	"a port number is a number":                  {strings.Replace(good, "number: 80", "number: \"80\"", 1), "read 1 failed 1\nInvalidObject 16 Ingress default/web spec.rules[0].http.paths[0].backend.service.port.number\n"},
	"a port is below 65536":                      {strings.Replace(good, "number: 80", "number: 65536", 1), "read 1 failed 1\nInvalidObject 12 Ingress default/web spec.rules[0].http.paths[0].backend.service.port\n"},
	"an empty backend is none":                   {strings.Split(good, "          service")[0] + "          {}\n", "read 1 failed 1\nInvalidObject 12 Ingress default/web spec.rules[0].http.paths[0].backend\n"},
	"a resource may be the backend":              {head + "spec:\n  defaultBackend:\n    resource:\n      apiGroup: k8s.example.com\n      kind: Bucket\n      name: static\n", "read 1 failed 0\nIngress default/web line 1\n"},
	"a name is a DNS name":                       {other("My_App"), "read 1 failed 1\nInvalidObject 4 Ingress default/My_App metadata.name\n"},
	"a name is needed":                           {strings.Replace(good, "  name: web\n", "  generateName: web-\n", 1), "read 1 failed 1\nInvalidObject 3 Ingress default/ metadata.name\n"},
	"a TLS host is a list":                       {good + "  tls:\n  - hosts: a.example.com\n    secretName: cert\n", "read 1 failed 1\nInvalidObject 18 Ingress default/web spec.tls[0].hosts\n"},
	"an old version is read in its own form":     {old + "  backend:\n    serviceName: web\n    servicePort: http\n", "read 1 failed 0\nIngress default/web line 1\nOldAPIVersion 1 Ingress default/web apiVersion\n"},
	"an old version without backend fails":       {old + "  rules:\n  - http:\n      paths:\n      - path: /x\n", "read 1 failed 1\nOldAPIVersion 1 Ingress default/web apiVersion\nInvalidObject 9 Ingress default/web spec.rules[0].http.paths[0].backend\n"},
	"an old version does not know the new form":  {strings.Replace(good, "io/v1", "io/v1beta1", 1), "read 1 failed 1\nOldAPIVersion 1 Ingress default/web apiVersion\nInvalidObject 12 Ingress default/web spec.rules[0].http.paths[0].backend\nUnknownField 13 Ingress default/web spec.rules[0].http.paths[0].backend.service\n"},
	"the new version does not know the old form": {head + "spec:\n  backend:\n    serviceName: web\n    servicePort: 80\n", "read 1 failed 1\nInvalidObject 5 Ingress default/web spec\nUnknownField 6 Ingress default/web spec.backend\n"},

	"an external name is a DNS name":    {"apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {type: ExternalName, externalName: ..}\n", "read 0 failed 0\nInvalidObject 4 Service default/x spec.externalName\n"},
	"an external name may end in a dot": {"apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {type: ExternalName, externalName: a.example.}\n", "read 0 failed 0\n"},

	"a variable in a host fails the object":          {strings.Replace(good, "a.example.com", "a.${DOMAIN}", 1), "read 1 failed 1\nUnexpandedVariable 7 Ingress default/web spec.rules[0].host\nInvalidObject 7 Ingress default/web spec.rules[0].host\n"},
	"a variable in an annotation does not":           {head + "  annotations:\n    x/y: https://${HOST}/\n" + spec, "read 1 failed 0\nIngress default/web line 1\nUnexpandedVariable 6 Ingress default/web x/y\n"},
	"nginx has variables in braces of its own":       {head + "  annotations:\n    x/y: https://${host}/\n" + spec, "read 1 failed 0\nIngress default/web line 1\n"},
	"an encrypted value fails the object":            {strings.Replace(good, "a.example.com", "ENC[AES256_GCM,data:x,type:str]", 1) + "sops:\n  mac: x\n", "read 1 failed 1\nEncrypted 1 Ingress default/web\n"},
	"what SOPS left in the clear is used":            {good + "sops:\n  mac: x\n", "read 1 failed 0\nIngress default/web line 1\nEncrypted 17 Ingress default/web sops\n"},
	"a wholly encrypted file is reported":            {"data: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n", "read 0 failed 0\nEncrypted 1\n"},
	"a Helm template is reported once":               {"{{- if .Values.ingress.enabled }}\n" + head + "  labels:\n    {{- include \"labels\" . | nindent 4 }}\n" + spec + "{{- end }}\n---\n" + good, "read 2 failed 1\nIngress default/web line 22\nTemplateSource 1 Ingress web\n"},
	"a template may be valid YAML":                   {strings.Replace(good, "a.example.com", "\"{{ .Values.host }}\"", 1), "read 1 failed 1\nTemplateSource 7 Ingress default/web\n"},
	"a template may read as a map":                   {strings.Replace(good, "a.example.com", "{{ host }}", 1), "read 1 failed 1\nTemplateSource 7 Ingress web\n"},
	"a template that holds no Ingress is no Ingress": {"{{- define \"x\" }}\nkind: Service\n{{ end }}\n", "read 0 failed 0\nTemplateSource 1 Service\n"},
	"braces in an annotation are no template":        {head + "  annotations:\n    x/y: 'x = {{1, 2}, {3}}'\n" + spec, "read 1 failed 0\nIngress default/web line 1\n"},
	"an OpenShift Template is one":                   {"apiVersion: template.openshift.io/v1\nkind: Template\nmetadata:\n  name: t\nobjects: []\n", "read 0 failed 0\nTemplateSource 1 Template t\n"},

	"an alias bomb is refused": {
		"kind: Ingress\na: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
		"read 1 failed 1\nUnreadable 2 Ingress\n",
	},
	"an alias may not contain itself": {"kind: Ingress\na: &a [*a]\n", "read 1 failed 1\nUnreadable 2 Ingress\n"},
	"anchors and merge keys work": {
		"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  labels: &l\n    a: b\n  annotations:\n    <<: *l\n    c: d\n" + spec, "read 1 failed 0\nIngress default/web line 1\n",
	},
}

func utf16Of(s string) string {
	b := []byte{0xff, 0xfe}
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return string(b)
}

func TestOddInput(t *testing.T) {
	for name, c := range oddInputs {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, outcome(readText(c.in))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSizeLimits(t *testing.T) {
	big := strings.Replace(good, "metadata:\n", "metadata:\n  annotations:\n    x/y: \""+strings.Repeat("x", maxObject)+"\"\n", 1)
	want := "read 2 failed 1\nIngress default/b line 20\nTooLarge 1 Ingress\n"
	if diff := cmp.Diff(want, outcome(readText(big+"---\n"+other("b")))); diff != "" {
		t.Errorf("a document above the limit must cost only itself (-want +got):\n%s", diff)
	}
	annotations := strings.Replace(good, "metadata:\n", "metadata:\n  annotations:\n    x/y: \""+strings.Repeat("x", maxAnnotations)+"\"\n", 1)
	if diff := cmp.Diff("read 1 failed 1\nInvalidObject 4 Ingress default/web metadata.annotations\n", outcome(readText(annotations))); diff != "" {
		t.Errorf("annotations above the limit must be refused (-want +got):\n%s", diff)
	}
}

func TestManyDocumentsThatAreNone(t *testing.T) {
	s := readText(strings.Repeat("---\nx\n", 3*maxAside) + "---\n" + good)
	if s.Read != 1 || s.Failed != 0 || s.Findings.Len() != maxAside+1 {
		t.Errorf("read %d, failed %d, findings %d", s.Read, s.Failed, s.Findings.Len())
	}
	last := s.Findings.Sorted()[0].Message()
	if want := "2000 further documents"; !strings.Contains(last, want) {
		t.Errorf("%q does not say %q", last, want)
	}
}
