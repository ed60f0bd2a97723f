package dist

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	sigsyaml "sigs.k8s.io/yaml"
)

// plugin is a plugin manifest, as krew v0.5 reads it.
type plugin struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Version          string           `json:"version"`
		Homepage         string           `json:"homepage"`
		ShortDescription string           `json:"shortDescription"`
		Description      string           `json:"description"`
		Caveats          string           `json:"caveats"`
		Platforms        []pluginPlatform `json:"platforms"`
	} `json:"spec"`
}

type pluginPlatform struct {
	Selector *struct {
		MatchLabels map[string]string `json:"matchLabels"`
	} `json:"selector"`
	URI    string `json:"uri"`
	SHA256 string `json:"sha256"`
	Bin    string `json:"bin"`
	Files  []struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"files"`
}

// FillManifest fills in version and sums, and checks the result by krew's rules.
func FillManifest(template []byte, version string, sums map[Platform]string) ([]byte, error) {
	text := string(template)
	if i := strings.Index(text, "apiVersion:"); i > 0 {
		text = text[i:] // the remark at its head is about the template
	}
	text = strings.ReplaceAll(text, "VERSION", version)
	for p, sum := range sums {
		text = strings.ReplaceAll(text, strings.ToUpper("SHA256_"+p.OS+"_"+p.Arch), sum)
	}
	return []byte(text), CheckManifest([]byte(text), version)
}

var (
	pluginName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	sum256     = regexp.MustCompile(`^[a-f0-9]{64}$`)
)

// longestShort is what krew's list has room for.
const longestShort = 50

// CheckManifest checks a manifest by the rules by which krew and its index take one, and that it names the archives of a version.
func CheckManifest(data []byte, version string) error {
	var p plugin
	if err := sigsyaml.UnmarshalStrict(data, &p); err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	s := p.Spec
	switch {
	case p.APIVersion != "krew.googlecontainertools.github.com/v1alpha2" || p.Kind != "Plugin":
		return fmt.Errorf("%s %s is no Plugin of krew.googlecontainertools.github.com/v1alpha2", p.APIVersion, p.Kind)
	case p.Metadata.Name != "ingress2gw" || !pluginName.MatchString(p.Metadata.Name):
		return fmt.Errorf("the plugin is named %q", p.Metadata.Name)
	case s.ShortDescription == "" || len(s.ShortDescription) > longestShort || strings.ContainsAny(s.ShortDescription, "\r\n"):
		return fmt.Errorf("the short description must be one line of at most %d characters", longestShort)
	case s.Description == "":
		return fmt.Errorf("the description is missing")
	case !released.MatchString(s.Version) || s.Version != version:
		return fmt.Errorf("the version is %q, not %s", s.Version, version)
	case !secure(s.Homepage):
		return fmt.Errorf("the homepage %q is no https address", s.Homepage)
	}
	seen := map[Platform]bool{}
	for _, x := range s.Platforms {
		at, err := x.check(version)
		if err != nil {
			return err
		}
		if seen[at] {
			return fmt.Errorf("%s is there twice", at)
		}
		seen[at] = true
	}
	for _, want := range Platforms() {
		if !seen[want] {
			return fmt.Errorf("%s is missing", want)
		}
	}
	return nil
}

func secure(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

func (x pluginPlatform) check(version string) (Platform, error) {
	if x.Selector == nil {
		return Platform{}, fmt.Errorf("a platform has no selector")
	}
	at := Platform{x.Selector.MatchLabels["os"], x.Selector.MatchLabels["arch"]}
	switch {
	case len(x.Selector.MatchLabels) != 2 || at.OS == "" || at.Arch == "":
		return at, fmt.Errorf("a selector must be of os and arch: %v", x.Selector.MatchLabels)
	case !secure(x.URI) || path.Base(x.URI) != at.archive(version):
		return at, fmt.Errorf("%s: the address %q is not an https address of %s", at, x.URI, at.archive(version))
	case !sum256.MatchString(x.SHA256):
		return at, fmt.Errorf("%s: %q is no SHA-256 sum", at, x.SHA256)
	case x.Bin != at.program():
		return at, fmt.Errorf("%s: the program is %q, not %s", at, x.Bin, at.program())
	}
	for _, f := range x.Files {
		if f.From == "" || f.To == "" || strings.Contains(f.To, "..") {
			return at, fmt.Errorf("%s: files must be of from and to: %v", at, f)
		}
	}
	return at, nil
}
