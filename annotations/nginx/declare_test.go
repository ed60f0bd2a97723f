package nginx

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// sections reads a list of names; lines that begin with # name its sections.
func sections(t *testing.T, file string) map[string][]string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	out, section := map[string][]string{}, ""
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := strings.TrimSpace(sc.Text())
		if name, ok := strings.CutPrefix(line, "# "); ok {
			section = name
		} else if line != "" {
			out[section] = append(out[section], line)
		}
	}
	return out
}

func TestEveryKeyOfTheControllerIsDeclared(t *testing.T) {
	var live, dead []string
	for _, f := range Features() {
		for _, k := range f.Keys {
			if k.Since != "" {
				dead = append(dead, k.Name)
			} else {
				live = append(live, k.Name)
			}
		}
	}
	slices.Sort(live)
	slices.Sort(dead)
	want := sections(t, "testdata/nginx-keys.txt")
	if diff := cmp.Diff(want["read by the controller"], live); diff != "" {
		t.Errorf("keys that the controller reads (-want +declared):\n%s", diff)
	}
	if diff := cmp.Diff(want["no longer read"], dead); diff != "" {
		t.Errorf("keys that it no longer reads (-want +declared):\n%s", diff)
	}
	if len(live) != 138 || len(dead) != 27 {
		t.Errorf("%d keys and %d dead ones, want 138 and 27", len(live), len(dead))
	}
}

func TestEverySettingOfTheControllerIsDeclared(t *testing.T) {
	settings, flags := map[string]bool{}, map[string]bool{}
	for _, f := range Features() {
		for _, k := range f.Keys {
			if k.Setting != "" {
				settings[k.Setting] = true
			}
		}
		for _, s := range f.Settings {
			if s.Flag {
				flags[s.Name] = true
			} else {
				settings[s.Name] = true
			}
		}
	}
	want := sections(t, "testdata/nginx-settings.txt")
	for section, declared := range map[string]map[string]bool{"ConfigMap": settings, "flags": flags} {
		require.NotEmpty(t, want[section])
		for _, name := range want[section] {
			if !declared[name] {
				t.Errorf("%s: %s is not declared", section, name)
			}
		}
	}
}

func TestKeysAreDeclaredCompletely(t *testing.T) {
	classes := []finding.Class{finding.Exact, finding.Approximate, finding.Noop, finding.Manual, finding.Refused}
	e := annotations.NewEdge(Features(), DefaultPrefix)
	for _, f := range Features() {
		for _, k := range f.Keys {
			text(t, f.Name+": "+k.Name, k.Syntax, k.Doc, k.Note)
			if !slices.Contains([]string{"location", "host", "upstream", "ingress"}, k.Scope) {
				t.Errorf("%s: scope %q", k.Name, k.Scope)
			}
			if !slices.Contains([]string{"Low", "Medium", "High", "Critical"}, k.Risk) {
				t.Errorf("%s: risk %q", k.Name, k.Risk)
			}
			if !slices.Contains(classes, k.Class) {
				t.Errorf("%s: class %q", k.Name, k.Class)
			}
			if k.Check == nil && k.Since == "" && k.Risk != "Critical" {
				t.Errorf("%s: only snippets are not checked", k.Name)
			}
			if (k.Risk == "Critical") != (k.Class == finding.Refused) {
				t.Errorf("%s: raw configuration is critical and refused, and nothing else is", k.Name)
			}
			for _, other := range []string{k.Needs, k.Alias} {
				if o := e.Key(other); other != "" && (o == nil || o == e.Key(k.Name) || o.Since != "") {
					t.Errorf("%s refers to %s", k.Name, other)
				}
			}
			if k.Check != nil && k.Default != "" && k.Check(k.Default) != nil {
				t.Errorf("%s: its own default is refused: %v", k.Name, k.Check(k.Default))
			}
			if k.Default != "" && k.Setting == k.Name && e.Key(k.Name).Since != "" {
				t.Errorf("%s: a dead key has no default", k.Name)
			}
		}
	}
}

func TestSettingsAreDeclaredCompletelyAndOnce(t *testing.T) {
	where := map[string]string{}
	once := func(name, by string) {
		if where[name] != "" {
			t.Errorf("setting %s is declared by %s and by %s", name, where[name], by)
		}
		where[name] = by
	}
	for _, f := range Features() {
		for _, k := range f.Keys {
			if k.Setting != "" {
				once(k.Setting, "key "+k.Name)
			}
		}
		for _, s := range f.Settings {
			once(s.Name, "feature "+f.Name)
			text(t, f.Name+": "+s.Name, s.Syntax, s.Doc, s.Note)
			if s.Class == "" || s.Class == finding.Unknown || s.Class == finding.Invalid {
				t.Errorf("%s: class %q", s.Name, s.Class)
			}
			if s.Check != nil && s.Check(s.Default) != nil {
				t.Errorf("%s: its own default is refused: %v", s.Name, s.Check(s.Default))
			}
		}
	}
}

// text checks the texts of a declaration: Doc is a sentence, Note continues one.
func text(t *testing.T, where, syntax, doc, note string) {
	t.Helper()
	if syntax == "" || len(doc) < 8 || len(note) < 8 {
		t.Errorf("%s: syntax, doc and note are needed", where)
		return
	}
	if !strings.HasSuffix(doc, ".") || !unicode.IsUpper(rune(doc[0])) && !beginsWithValue(doc) {
		t.Errorf("%s: doc is no sentence: %q", where, doc)
	}
	if strings.HasSuffix(note, ".") {
		t.Errorf("%s: note ends with a full stop: %q", where, note)
	}
	for _, s := range []string{doc, note} {
		if strings.Contains(s, "recipe") || strings.Contains(s, "catalog") || strings.ContainsAny(s, "\n\t") || strings.Contains(s, "  ") {
			t.Errorf("%s: %q", where, s)
		}
	}
}

// beginsWithValue admits sentences that begin with a value or another key, which keep their spelling.
func beginsWithValue(doc string) bool {
	first, _, _ := strings.Cut(doc, " ")
	return strings.Contains(first, "-") || slices.Contains([]string{"on", "off", "true", "false", "any", "balanced"}, first)
}

func TestFeaturesAreNamedOnceAndListedAfresh(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Features() {
		if f.Name == "" || f.Name != strings.ToLower(f.Name) || strings.ContainsAny(f.Name, " _") || seen[f.Name] {
			t.Errorf("feature name %q", f.Name)
		}
		seen[f.Name] = true
		if len(f.Keys)+len(f.Settings) == 0 && f.Route == nil && f.Host == nil && f.Edge == nil && f.Accept == nil {
			t.Errorf("feature %s is empty", f.Name)
		}
	}
	a, b := Features(), Features()
	a[0].Name = "changed"
	if b[0].Name == "changed" || Features()[0].Name == "changed" {
		t.Error("Features gives the same slice twice")
	}
}

func TestProtectionsAreMarked(t *testing.T) {
	want := []string{
		"allowlist-source-range", "auth-secret", "auth-snippet", "auth-tls-match-cn", "auth-tls-secret", "auth-tls-verify-client", "auth-type", "auth-url",
		"configuration-snippet", "denylist-source-range", "enable-modsecurity", "enable-owasp-core-rules", "modsecurity-snippet", "server-snippet",
		"whitelist-source-range",
	}
	var got []string
	for _, f := range Features() {
		for _, k := range f.Keys {
			if k.Protect {
				got = append(got, k.Name)
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys that protect (-want +declared):\n%s", diff)
	}
}
