package load

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/internal/kustomize"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// tree writes files below a new folder.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		name = filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	}
	return root
}

// places are the names of Ingresses with their files.
func places(s *snapshot.Snapshot, root string) []string {
	out := []string{}
	for _, in := range s.Ingresses {
		file, err := filepath.Rel(root, in.Object.File)
		if err != nil {
			file = in.Object.File
		}
		out = append(out, fmt.Sprintf("%s/%s %s:%d", in.Namespace, in.Name, filepath.ToSlash(file), in.Object.Line))
	}
	return out
}

func TestFilesAndFolders(t *testing.T) {
	root := writeFiles(t, map[string]string{
		"a.yaml": other("a"), "b.yml": "# b\n" + other("b"), "c.json": jsonNamed("c"), "d.txt": other("d"), "sub/e.yaml": other("e"),
		"k/kustomization.yaml": "namespace: shop\nnamePrefix: my-\nresources: [in.yaml]\n", "k/in.yaml": other("f"),
	})
	cases := map[string]struct {
		o    Options
		want []string
	}{
		"a folder is read without those in it":          {Options{Filenames: []string{root}}, []string{"default/a a.yaml:1", "default/b b.yml:2", "default/c c.json:1"}},
		"a file is read whatever its name":              {Options{Filenames: []string{root + "/d.txt"}}, []string{"default/d d.txt:1"}},
		"folders are read to the bottom when asked":     {Options{Filenames: []string{root}, Recursive: true}, []string{"default/a a.yaml:1", "default/b b.yml:2", "default/c c.json:1", "default/e sub/e.yaml:1", "default/f k/in.yaml:1"}},
		"a pattern that no shell expanded":              {Options{Filenames: []string{root + "/*.yaml"}}, []string{"default/a a.yaml:1"}},
		"a kustomization is built and has no lines":     {Options{Kustomize: root + "/k", Build: kustomize.Build}, []string{"shop/my-f k:0"}},
		"standard input":                                {Options{Filenames: []string{"-"}, Stdin: strings.NewReader(other("a"))}, []string{"default/a -:1"}},
		"a namespace is given to what has none":         {Options{Filenames: []string{root + "/a.yaml"}, Namespace: "shop"}, []string{"shop/a a.yaml:1"}},
		"all namespaces are wanted, one is the default": {Options{Filenames: []string{root + "/a.yaml"}, Namespace: "shop", AllNamespaces: true}, []string{"shop/a a.yaml:1"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, err := Load(t.Context(), c.o)
			require.NoError(t, err)
			if diff := cmp.Diff(c.want, places(s, root)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/in.yaml" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(good))
	}))
	defer server.Close()
	s, err := Load(t.Context(), Options{Filenames: []string{server.URL + "/in.yaml"}})
	require.NoError(t, err)
	if len(s.Ingresses) != 1 || s.Ingresses[0].Object.File != server.URL+"/in.yaml" {
		t.Errorf("read %s", outcome(s))
	}
	if _, err = Load(t.Context(), Options{Filenames: []string{server.URL + "/other"}}); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("error %v", err)
	}
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	root := writeFiles(t, map[string]string{"k/kustomization.yaml": "resources: [missing.yaml]\n"})
	cases := map[string]struct {
		o    Options
		want string
	}{
		"missing files, all of them": {Options{Filenames: []string{root + "/x", root + "/y"}}, "/y"},
		"a pattern without files":    {Options{Filenames: []string{root + "/*.none"}}, "*.none"},
		"no standard input":          {Options{Filenames: []string{"-"}}, "standard input"},
		"a broken kustomization":     {Options{Kustomize: root + "/k", Build: kustomize.Build}, "missing.yaml"},
		"no kustomization":           {Options{Kustomize: root, Build: kustomize.Build}, "kustomization"},
		"files with a kustomization": {Options{Kustomize: root, Filenames: []string{root}}, "together"},
		"a broken selector":          {Options{Filenames: []string{root}, Selector: "a in b"}, "selector"},
		"nothing to read":            {Options{}, "neither"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := Load(t.Context(), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, must hold %q", err, c.want)
			}
		})
	}
}

// Filters look at each object, also within a List, and never at what Ingresses refer to.
func TestFilters(t *testing.T) {
	in := "apiVersion: v1\nkind: List\nitems:\n" +
		indent(stamped("  namespace: shop\n  labels: {team: a}\n", "a.example.com"), "") +
		indent(stamped("  namespace: bank\n", "b.example.com"), "") +
		indent(stamped("  namespace: bank\n", "B"), "") +
		indent(other("free"), "") +
		"- apiVersion: v1\n  kind: Service\n  metadata: {name: web, namespace: bank}\n  spec: {}\n"
	cases := map[string]struct {
		o    Options
		want []string
		read int
	}{
		"nothing is left out by itself":       {Options{}, []string{"bank/web", "default/free", "shop/web"}, 4},
		"a namespace holds its own":           {Options{Namespace: "shop"}, []string{"shop/free", "shop/web"}, 2},
		"what fails elsewhere does not count": {Options{Namespace: "bank"}, []string{"bank/free", "bank/web"}, 3},
		"a selector chooses by labels":        {Options{Selector: "team=a"}, []string{"shop/web"}, 1},
		"both":                                {Options{Selector: "team=a", Namespace: "bank"}, []string{}, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.o.Filenames, c.o.Stdin = []string{"-"}, strings.NewReader(in)
			s, err := Load(t.Context(), c.o)
			require.NoError(t, err)
			got := []string{}
			for _, in := range s.Ingresses {
				got = append(got, in.Namespace+"/"+in.Name)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || s.Read != c.read || len(s.Services) != 1 {
				t.Errorf("%d Services, read %d (-want +got):\n%s", len(s.Services), s.Read, diff)
			}
		})
	}
}

func TestConfigMapFile(t *testing.T) {
	const config = "# settings\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: ingress-nginx}\ndata:\n  use-http2: \"false\"\n"
	root := writeFiles(t, map[string]string{
		"good.yaml": config, "two.yaml": config + "---\n" + strings.Replace(config, "name: c", "name: d", 1), "bad.yaml": strings.ReplaceAll(config, `"`, ""), "none.yaml": good,
	})
	c, err := ConfigMapFile(filepath.Join(root, "good.yaml"))
	require.NoError(t, err)
	if c.Key.String() != "ingress-nginx/c" || c.Data["use-http2"] != "false" || c.Lines["use-http2"] != 6 {
		t.Errorf("read %+v", c)
	}
	for name, want := range map[string]string{"two.yaml": "2 ConfigMaps", "bad.yaml": "bad.yaml:6", "none.yaml": "0 ConfigMaps", "missing.yaml": "no such file"} {
		if _, err := ConfigMapFile(filepath.Join(root, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, must hold %q", name, err, want)
		}
	}
}

// The order of the input decides nothing.
func TestOrderOfDocumentsDoesNotMatter(t *testing.T) {
	docs := []string{other("c"), other("a"), good, stamped("", "b.example.com"), kinds}
	var want []string
	for range docs {
		s := readText(strings.Join(docs, "---\n"))
		got := []string{}
		for _, in := range s.Ingresses {
			got = append(got, in.Name+" "+contentOf(in))
		}
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" || s.Failed != 1 {
			t.Errorf("failed %d (-want +got):\n%s", s.Failed, diff)
		}
		docs = append(slices.Clone(docs[1:]), docs[0])
	}
}
