package chart

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// overlay says how a kustomization makes of the objects of another one its own: which are added, as YAML, and which are changed,
// as strategic merge patches. No object can be taken away: base has what all others have, too.
func overlay(base, own string) (added, patches string, err error) {
	was := map[string]string{}
	for _, d := range documents(base) {
		id, err := identity(d)
		if err != nil {
			return "", "", err
		}
		was[id] = d
	}
	var more, changes []string
	for _, d := range documents(own) {
		id, err := identity(d)
		if err != nil {
			return "", "", err
		}
		switch old, ok := was[id]; {
		case !ok:
			more = append(more, d)
		case old != d:
			p, err := patch(old, d)
			if err != nil {
				return "", "", fmt.Errorf("%s: %w", id, err)
			}
			changes = append(changes, p)
		}
		delete(was, id)
	}
	for id := range was {
		return "", "", fmt.Errorf("%s is to be taken away", id)
	}
	return strings.Join(more, "---\n"), strings.Join(changes, "---\n"), nil
}

// patch makes the one object of the other.
func patch(old, current string) (string, error) {
	var trees [2][]byte
	for i, d := range []string{old, current} {
		var err error
		if trees[i], err = yaml.YAMLToJSON([]byte(d)); err != nil {
			return "", err
		}
	}
	typed, kind, err := scheme.Codecs.UniversalDeserializer().Decode(trees[1], nil, nil)
	if err != nil {
		return "", err
	}
	change, err := strategicpatch.CreateTwoWayMergePatch(trees[0], trees[1], typed)
	if err != nil {
		return "", err
	}
	var tree, whole map[string]any
	if err := json.Unmarshal(change, &tree); err != nil {
		return "", err
	}
	if err := json.Unmarshal(trees[1], &whole); err != nil {
		return "", err
	}
	tree["apiVersion"], tree["kind"] = kind.GroupVersion().String(), kind.Kind
	metadata := map[string]any{"name": whole["metadata"].(map[string]any)["name"]}
	if namespace := whole["metadata"].(map[string]any)["namespace"]; namespace != nil {
		metadata["namespace"] = namespace
	}
	if _, ok := tree["metadata"]; ok {
		return "", fmt.Errorf("other labels or annotations: %s", change)
	}
	tree["metadata"] = metadata
	ordered(tree)
	text, err := yaml.Marshal(tree)
	return string(text), err
}

// ordered leaves the order of lists alone: no patch changes it.
func ordered(tree map[string]any) {
	for k, v := range tree {
		if strings.HasPrefix(k, "$setElementOrder/") {
			delete(tree, k)
			continue
		}
		switch v := v.(type) {
		case map[string]any:
			ordered(v)
		case []any:
			for _, item := range v {
				if m, ok := item.(map[string]any); ok {
					ordered(m)
				}
			}
		}
	}
}

// forKustomize are the objects of the chart as a kustomization has them: the CRDs are in a folder of their own, and nobody but
// Helm is told that Helm cares for them.
func forKustomize(objects string) string {
	keep := slices.DeleteFunc(documents(objects), func(d string) bool {
		return strings.Contains("\n"+d, "\nkind: CustomResourceDefinition\n")
	})
	lines := strings.SplitAfter(strings.Join(keep, "---\n"), "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool {
		l = strings.TrimSpace(l)
		return l == "app.kubernetes.io/managed-by: Helm" || strings.HasPrefix(l, "helm.sh/chart: ")
	}), "")
}

func documents(objects string) []string { return strings.Split(objects, "---\n") }

func identity(document string) (string, error) {
	var o struct {
		Kind     string
		Metadata struct{ Namespace, Name string }
	}
	err := yaml.Unmarshal([]byte(document), &o)
	return o.Kind + " " + o.Metadata.Namespace + "/" + o.Metadata.Name, err
}
