// Package golden runs the golden cases of testdata: folders of data, no Go. A case is testdata/<controller>/<feature>/<case>/
// with in.yaml, options.yaml if it differs from the defaults, and the expected platform.yaml, teams.yaml, meshconfig.yaml
// and findings.yaml.
package golden

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Case is one golden case.
type Case struct {
	Name string // path below testdata
	Dir  string
}

// Find lists the cases below a folder, sorted.
func Find(root string) ([]Case, error) {
	var out []Case
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() != "in.yaml" {
			return err
		}
		name, err := filepath.Rel(root, filepath.Dir(p))
		out = append(out, Case{Name: filepath.ToSlash(name), Dir: filepath.Dir(p)})
		return err
	})
	return out, err
}

// options is the form of options.yaml.
type options struct {
	ControllerConfig   string            `json:"controllerConfig,omitempty"` // namespace/name
	ControllerArgs     []string          `json:"controllerArgs,omitempty"`
	Classes            map[string]string `json:"classes,omitempty"`
	Ownership          string            `json:"ownership,omitempty"`
	TLS                string            `json:"tls,omitempty"`
	DefaultCertificate string            `json:"defaultCertificate,omitempty"`
	SNI                string            `json:"sni,omitempty"`
	BasicAuth          string            `json:"basicAuth,omitempty"`
	Connections        string            `json:"limitConnections,omitempty"`
	Profile            string            `json:"profile,omitempty"`
	IstioMinor         int               `json:"istioMinor,omitempty"`
	NoEnvoyFilter      bool              `json:"noEnvoyFilter,omitempty"`
	NoLua              bool              `json:"noLua,omitempty"`
	GuardToken         string            `json:"guardToken,omitempty"`
	RoutesOnly         bool              `json:"routesOnly,omitempty"`
	GatewayMap         map[string]string `json:"gatewayMap,omitempty"` // host → namespace/name
	RBAC               bool              `json:"rbac,omitempty"`
	HostList           bool              `json:"hostList,omitempty"`
	TeamGroup          string            `json:"teamGroup,omitempty"`
	Waive              []string          `json:"waive,omitempty"` // codes
}

func readOptions(dir string) (translate.Options, error) {
	var o options
	b, err := os.ReadFile(filepath.Join(dir, "options.yaml"))
	if os.IsNotExist(err) {
		return translate.Options{}, nil
	}
	if err == nil {
		err = yaml.UnmarshalStrict(b, &o)
	}
	if err != nil {
		return translate.Options{}, err
	}
	out := translate.Options{
		Source: translate.SourceOptions{ControllerArgs: o.ControllerArgs, ClassControllers: o.Classes, ControllerConfig: key(o.ControllerConfig)},
		Target: emit.Options{
			Ownership: emit.Ownership(o.Ownership), TLS: emit.TLSPolicy(o.TLS), DefaultCertificate: o.DefaultCertificate, SNI: emit.SNIPolicy(o.SNI),
			BasicAuth: emit.BasicAuthPolicy(o.BasicAuth), Connections: emit.ConnectionPolicy(o.Connections),
			Profile: emit.Profile(o.Profile), NoEnvoyFilter: o.NoEnvoyFilter, NoLua: o.NoLua, GuardToken: o.GuardToken, RoutesOnly: o.RoutesOnly,
			RBAC: o.RBAC, HostList: o.HostList, TeamGroup: o.TeamGroup,
		},
		Waived: func(c finding.Code, _ *finding.Object) bool { return slices.Contains(o.Waive, string(c)) },
	}
	if o.IstioMinor != 0 {
		out.Target.IstioVersion = emit.Version{Major: 1, Minor: o.IstioMinor}
	}
	for h, g := range o.GatewayMap {
		out.Target.GatewayMap = append(out.Target.GatewayMap, emit.GatewayMapping{Host: h, Gateway: key(g)})
	}
	slices.SortFunc(out.Target.GatewayMap, func(a, b emit.GatewayMapping) int { return strings.Compare(a.Host, b.Host) })
	return out, nil
}

func key(s string) snapshot.Key {
	ns, name, _ := strings.Cut(s, "/")
	return snapshot.Key{Namespace: ns, Name: name}
}

// Run translates a case. With a seed other than 0 the documents of the input are read in another order.
func (c Case) Run(seed uint64) (*translate.Result, error) {
	o, err := c.Options()
	if err != nil {
		return nil, err
	}
	return c.Translate(o, seed)
}

// Options are those of options.yaml.
func (c Case) Options() (translate.Options, error) { return readOptions(c.Dir) }

// Translate is Run with other options.
func (c Case) Translate(o translate.Options, seed uint64) (*translate.Result, error) {
	in, err := os.ReadFile(filepath.Join(c.Dir, "in.yaml"))
	if err != nil {
		return nil, err
	}
	s := snapshot.New()
	load.Bytes("in.yaml", shuffle(in, seed), s)
	return translate.Translate(s, o), nil
}

var separator = regexp.MustCompile(`(?m)^---[ \t]*\n`)

func shuffle(in []byte, seed uint64) []byte {
	if seed == 0 {
		return in
	}
	docs := separator.Split(string(in), -1)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	for i := range docs {
		docs[i] = strings.TrimRight(docs[i], "\n") + "\n"
	}
	return []byte(strings.Join(docs, "---\n"))
}

// Files renders a result as the files of a case. A file without content is not there.
func Files(r *translate.Result) (map[string]string, error) {
	out := map[string]string{}
	var platform, teams bytes.Buffer
	var ours, theirs []*manifest.Object
	for _, o := range r.Objects {
		if o.Owner == "" {
			ours = append(ours, o)
		} else {
			theirs = append(theirs, o)
		}
	}
	if err := errors.Join(manifest.WriteYAML(&platform, ours...), manifest.WriteYAML(&teams, theirs...)); err != nil {
		return nil, err
	}
	mesh, err := manifest.YAML(r.MeshConfig)
	if err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"platform.yaml": platform.String(), "teams.yaml": teams.String(), "findings.yaml": findings(r)} {
		if text != "" {
			out[name] = text
		}
	}
	if len(r.MeshConfig) > 0 {
		out["meshconfig.yaml"] = string(mesh)
	}
	return out, nil
}

// findings lists the findings one a line, with the counts in front.
func findings(r *translate.Result) string {
	var b strings.Builder
	c := r.Counts
	fmt.Fprintf(&b, "# in %d = converted %d + skipped %d + failed %d\n", c.In, c.Converted, c.Skipped, c.Failed)
	for _, f := range r.Findings {
		class := string(f.Class)
		if class == "" {
			class = "-"
		}
		block := ""
		if f.Blocking() {
			block = " BLOCKING"
		}
		fmt.Fprintf(&b, "- %s %s %s%s %s (%s): %q\n", f.Code, f.Severity(), class, block, f.Origin.Object.Ref(), f.Origin.Place(), f.Message())
	}
	return b.String()
}
