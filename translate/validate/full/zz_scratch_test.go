package full

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"go.yaml.in/yaml/v3"
)

func nodeValue(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := manifest.Map{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "<<" {
				for _, f := range nodeValue(n.Content[i+1]).(manifest.Map) {
					m = append(m, f)
				}
				continue
			}
			m = append(m, manifest.Field{Key: n.Content[i].Value, Value: nodeValue(n.Content[i+1])})
		}
		return m
	case yaml.SequenceNode:
		l := []any{}
		for _, x := range n.Content {
			l = append(l, nodeValue(x))
		}
		return l
	case yaml.AliasNode:
		return nodeValue(n.Alias)
	}
	var v any
	n.Decode(&v)
	return v
}

func TestScratchFull(t *testing.T) {
	dir := os.Getenv("SCRATCH")
	if dir == "" {
		t.Skip()
	}
	files, _ := filepath.Glob(dir + "/*.yaml")
	counts := map[string]int{}
	ex := map[string]string{}
	var total time.Duration
	objsN := 0
	for _, f := range files {
		b, _ := os.ReadFile(f)
		d := yaml.NewDecoder(strings.NewReader(string(b)))
		var objs []*manifest.Object
		for {
			var n yaml.Node
			err := d.Decode(&n)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Log(f, err)
				break
			}
			if len(n.Content) == 0 {
				continue
			}
			m, ok := nodeValue(n.Content[0]).(manifest.Map)
			if !ok {
				continue
			}
			o := &manifest.Object{}
			for _, x := range m {
				switch x.Key {
				case "apiVersion":
					o.APIVersion = x.Value.(string)
				case "kind":
					o.Kind = x.Value.(string)
				case "spec":
					o.Spec = x.Value
				case "metadata":
					for _, y := range x.Value.(manifest.Map) {
						switch y.Key {
						case "name":
							o.Name = y.Value.(string)
						case "namespace":
							o.Namespace = y.Value.(string)
						}
					}
				default:
					o.Fields = append(o.Fields, x)
				}
			}
			if o.Kind == "MeshConfig" || o.APIVersion == "" {
				continue
			}
			objs = append(objs, o)
		}
		objsN += len(objs)
		s := time.Now()
		ps, err := Full(objs); if err != nil { t.Fatal(err) }
		total += time.Since(s)
		for _, p := range ps {
			k := strings.SplitN(p.Object, " ", 2)[0] + " " + p.Reason
			if len(k) > 110 {
				k = k[:110]
			}
			counts[k]++
			ex[k] = filepath.Base(f) + " " + p.String()
		}
	}
	keys := []string{}
	for k := range counts {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return counts[keys[i]] > counts[keys[j]] })
	for _, k := range keys {
		fmt.Println(counts[k], k, "\n      ", ex[k])
	}
	fmt.Println(len(files), objsN, total)
}
