package inputs

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Ingress is an Ingress with what it depends on.
type Ingress struct {
	*snapshot.Ingress // nil if it makes no sense
	Read, Failed      int
	Findings          []finding.Finding // of reading it

	Hosts []string // its names, "*" for every other; sorted
	// Needs are Services, Secrets and ConfigMaps that it may refer to, sorted. There may be more than it does.
	Needs []snapshot.Key
	// Services are those of its backends, sorted.
	Services []snapshot.Key
	// Certificates are the Secrets of key pairs and CAs, Users those of basic auth; sorted.
	Certificates, Users []snapshot.Key
	// ConfigMaps are those that annotations name, sorted.
	ConfigMaps []snapshot.Key
}

// Annotations by the end of their key, whatever the prefix: what is too much here costs a translation, not a mistake.
var (
	certificateKeys = [...]string{"auth-tls-secret", "proxy-ssl-secret"}
	userKeys        = [...]string{"auth-secret"}
)

// longest is how long the names of two objects with a slash between them can be.
const longest = 2*253 + 1

func (in *Ingress) learn() {
	hosts := set[string]{}
	services, certificates, users, configMaps := set[snapshot.Key]{}, set[snapshot.Key]{}, set[snapshot.Key]{}, set[snapshot.Key]{}
	own := func(name string) snapshot.Key { return snapshot.Key{Namespace: in.Namespace, Name: name} }
	if b := in.Spec.DefaultBackend; b != nil && b.Service != nil {
		services.add(own(b.Service.Name))
	}
	for _, r := range in.Spec.Rules {
		hosts.add(hostOf(r.Host))
		if r.HTTP == nil {
			continue
		}
		for _, p := range r.HTTP.Paths {
			if p.Backend.Service != nil {
				services.add(own(p.Backend.Service.Name))
			}
		}
	}
	if len(in.Spec.Rules) == 0 {
		hosts.add("*")
	}
	for _, t := range in.Spec.TLS {
		if t.SecretName != "" {
			certificates.add(own(t.SecretName))
		}
	}
	needs := set[snapshot.Key]{}
	for k, v := range in.Annotations {
		name := k[strings.LastIndexByte(k, '/')+1:]
		if name == "server-alias" {
			for alias := range strings.SplitSeq(v, ",") {
				alias = strings.TrimSpace(alias)
				if bare, ok := strings.CutPrefix(alias, "."); ok { // the name and everything below it
					hosts.add(hostOf(bare))
					alias = "*" + alias
				}
				hosts.add(hostOf(alias))
			}
		}
		key, ok := keyOf(in.Namespace, v)
		if !ok {
			continue
		}
		needs.add(key)
		if slices.Contains(certificateKeys[:], name) {
			certificates.add(key)
		}
		if strings.Contains(name, "headers") || strings.Contains(name, "configmap") {
			configMaps.add(key)
		}
		if slices.Contains(userKeys[:], name) {
			users.add(key)
		}
	}
	for k := range services {
		needs.add(k)
	}
	for k := range certificates {
		needs.add(k)
	}
	in.Hosts = hosts.sorted(strings.Compare)
	in.Needs, in.Services = needs.sorted(compareKeys), services.sorted(compareKeys)
	in.Certificates, in.Users = certificates.sorted(compareKeys), users.sorted(compareKeys)
	in.ConfigMaps = configMaps.sorted(compareKeys)
}

func hostOf(s string) string {
	if s == "" {
		return "*"
	}
	return strings.ToLower(s)
}

// keyOf reads "name" or "namespace/name".
func keyOf(namespace, s string) (snapshot.Key, bool) {
	if s == "" || len(s) > longest || strings.ContainsAny(s, " \n\t:;,") {
		return snapshot.Key{}, false
	}
	if ns, name, ok := strings.Cut(s, "/"); ok {
		return snapshot.Key{Namespace: ns, Name: name}, ns != "" && name != "" && !strings.Contains(name, "/")
	}
	return snapshot.Key{Namespace: namespace, Name: s}, true
}

func compareKeys(a, b snapshot.Key) int { return strings.Compare(a.String(), b.String()) }

type set[T comparable] map[T]struct{}

func (s set[T]) add(v T) { s[v] = struct{}{} }

func (s set[T]) sorted(compare func(a, b T) int) []T {
	out := make([]T, 0, len(s))
	for v := range s {
		out = append(out, v)
	}
	slices.SortFunc(out, compare)
	return out
}

// Words are what Ingresses share that must be translated together: hosts, with the twin of a www redirect, and Services. A host
// hangs together with the wildcards above it, if there are any, and a wildcard with the hosts that nobody names. Among those stand
// the names that no Gateway can list, too.
func (in *Ingress) Words(wildcards map[string]bool) []string {
	var words []string
	unknown := false
	for _, h := range in.Hosts {
		words = append(words, "host "+h)
		for _, rest, ok := strings.Cut(h, "."); ok; _, rest, ok = strings.Cut(rest, ".") {
			if wildcards["*."+rest] && h != "*."+rest {
				words = append(words, "host *."+rest)
			}
		}
		if rest, ok := strings.CutPrefix(h, "www."); ok {
			words = append(words, "twin "+rest)
		} else {
			words = append(words, "twin "+h)
		}
		unknown = unknown || h != "*" && (unlisted(h) || h[0] == '*' && wildcards["*"])
	}
	if unknown {
		words = append(words, "host *")
	}
	for _, s := range in.Services {
		words = append(words, "service "+s.String())
	}
	return words
}

// unlisted tells whether a name is one that no Gateway can list: it has no dot, or is a pattern or an address.
func unlisted(h string) bool {
	return !strings.Contains(h, ".") || strings.ContainsAny(h, `~^$+()[]{}|\`) || strings.HasSuffix(h, ".*") || strings.Trim(h, "0123456789.") == ""
}
