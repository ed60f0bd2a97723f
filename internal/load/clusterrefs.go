package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// asTable asks for what kubectl get prints: of Secrets that is name and type, not the content.
const asTable = "application/json;as=Table;g=meta.k8s.io;v=v1"

// secrets reads names and types of all Secrets, and the content of those that were asked for.
func (c *cluster) secrets(ctx context.Context) error {
	known := map[snapshot.Key]string{}
	listed, err := c.pages(ctx, resource{name: "secrets", paths: []string{"/api/v1"}, namespaced: true}, nil, asTable, func(body string) error {
		return c.secretTable(body, known)
	})
	if err != nil {
		return err
	}
	c.snapshot.HasSecrets = listed
	for _, key := range c.referredSecrets() {
		if listed && c.sees(key.Namespace) && known[key] == "" {
			continue // it does not exist
		}
		if err := c.oneSecret(ctx, key, known); err != nil {
			return err
		}
	}
	for key, kind := range known {
		c.addSecret(key, kind)
	}
	return nil
}

// sees tells whether a namespace is among those that were listed.
func (c *cluster) sees(namespace string) bool { return c.namespace == "" || c.namespace == namespace }

// oneSecret reads a Secret: its content if that is wanted, else its type.
func (c *cluster) oneSecret(ctx context.Context, key snapshot.Key, known map[snapshot.Key]string) error {
	path := "/api/v1/namespaces/" + key.Namespace + "/secrets/" + key.Name
	if c.opts.SecretContents {
		found, err := c.get(ctx, path, "", func(body string) error {
			if !c.json(body, 1) {
				return errors.New("the answer is not JSON")
			}
			return nil
		})
		if found {
			delete(known, key)
		}
		return err
	}
	if known[key] != "" {
		return nil
	}
	_, err := c.get(ctx, path, asTable, func(body string) error { return c.secretTable(body, known) })
	return err
}

// get reads one object. It says false when it does not exist or may not be seen.
func (c *cluster) get(ctx context.Context, path, accept string, read func(body string) error) (bool, error) {
	request := c.client.Get().AbsPath(path)
	if accept != "" {
		request.SetHeader("Accept", accept)
	}
	body, err := c.ask(ctx, request)
	switch {
	case apierrors.IsNotFound(err):
		return false, nil
	case apierrors.IsForbidden(err):
		c.withheld(strings.TrimPrefix(path, "/api/v1/"), err)
		return false, nil
	case err != nil:
		return false, fmt.Errorf("reading %s from the cluster: %w", path, err)
	}
	return true, read(body)
}

func (c *cluster) addSecret(key snapshot.Key, kind string) {
	o := &finding.Object{Kind: "Secret", Namespace: key.Namespace, Name: key.Name}
	c.add(definition{object: o, value: &snapshot.Secret{Object: o, Key: key, Type: kind}})
}

// secretTable reads names and types out of a table.
func (c *cluster) secretTable(body string, known map[snapshot.Key]string) error {
	c.arena.reset()
	t, err := parseJSON(&c.arena, body, 1)
	if err != nil {
		return err
	}
	column, i := -1, 0
	for d := range t.root.get("columnDefinitions").children {
		if d.str("name") == "Type" {
			column = i
		}
		i++
	}
	if column < 0 {
		return errors.New("the API server does not print Secrets as a table with their types")
	}
	for row := range t.root.get("rows").children {
		md := row.get("object").get("metadata")
		i := 0
		for cell := range row.get("cells").children {
			if i == column {
				key := snapshot.Key{Namespace: c.keep(md.str("namespace")), Name: c.keep(md.str("name"))}
				known[key] = cmp.Or(c.keep(cell.text), "Opaque")
			}
			i++
		}
	}
	return nil
}

// referredSecrets are the Secrets that Ingresses name, and those the user named, in order.
func (c *cluster) referredSecrets() []snapshot.Key {
	keys := slices.Clone(c.opts.Secrets)
	for _, in := range c.ingresses() {
		for _, t := range in.Spec.TLS {
			if t.SecretName != "" {
				keys = append(keys, snapshot.Key{Namespace: in.Namespace, Name: t.SecretName})
			}
		}
		keys = append(keys, references(in, func(key string) bool { return strings.Contains(key, "secret") })...)
	}
	return sortedKeys(keys)
}

func (c *cluster) ingresses() []*snapshot.Ingress {
	var all []*snapshot.Ingress
	for _, e := range c.index {
		if in, ok := e.value.(*snapshot.Ingress); ok {
			all = append(all, in)
		}
	}
	return all
}

// references are the objects that annotations name, as "name" or "namespace/name".
func references(in *snapshot.Ingress, wanted func(annotation string) bool) []snapshot.Key {
	var keys []snapshot.Key
	for k, v := range in.Annotations {
		if !wanted(k) {
			continue
		}
		namespace, name, found := strings.Cut(v, "/")
		if !found {
			namespace, name = in.Namespace, v
		}
		if checkLabel(namespace) == "" && checkSubdomain(name) == "" {
			keys = append(keys, snapshot.Key{Namespace: namespace, Name: name})
		}
	}
	return keys
}

func sortedKeys(keys []snapshot.Key) []snapshot.Key {
	slices.SortFunc(keys, func(a, b snapshot.Key) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return slices.Compact(keys)
}

// configMaps reads the settings of ingress-nginx installations and what Ingresses refer to. All ConfigMaps of a cluster are
// more than anybody wants to wait for.
func (c *cluster) configMaps(ctx context.Context) error {
	if _, err := c.list(ctx, resource{name: "configmaps", paths: []string{"/api/v1"}, namespaced: true}, map[string]string{"labelSelector": "app.kubernetes.io/name=ingress-nginx"}); err != nil {
		return err
	}
	asked := map[snapshot.Key]bool{}
	for keys := sortedKeys(append(c.namedConfigMaps(), c.opts.ConfigMaps...)); len(keys) > 0; {
		for _, key := range keys {
			asked[key] = true
			if err := c.configMap(ctx, key); err != nil {
				return err
			}
		}
		// Those that were read can name further ones.
		keys = slices.DeleteFunc(c.namedConfigMaps(), func(k snapshot.Key) bool { return asked[k] })
	}
	return nil
}

// configMap reads one ConfigMap, unless it is known already.
func (c *cluster) configMap(ctx context.Context, key snapshot.Key) error {
	if c.index[id{"ConfigMap", key.Namespace, key.Name}] != nil {
		return nil
	}
	_, err := c.get(ctx, "/api/v1/namespaces/"+key.Namespace+"/configmaps/"+key.Name, "", func(body string) error {
		c.json(body, 1)
		return nil
	})
	return err
}

// namedConfigMaps are those that Ingresses and settings of the controller name, as far as they are known, in order.
func (c *cluster) namedConfigMaps() []snapshot.Key {
	var keys []snapshot.Key
	for _, e := range c.index {
		switch v := e.value.(type) {
		case *snapshot.Ingress:
			keys = append(keys, references(v, func(key string) bool {
				return strings.HasSuffix(key, "-headers") || strings.HasSuffix(key, "configmap")
			})...)
		case *snapshot.ConfigMap:
			keys = append(keys, NamedBy(v)...)
		}
	}
	return sortedKeys(keys)
}

// NamedBy are the ConfigMaps that the settings of a controller name.
func NamedBy(c *snapshot.ConfigMap) []snapshot.Key {
	var keys []snapshot.Key
	for _, setting := range [...]string{"add-headers", "proxy-set-headers"} {
		namespace, name, _ := strings.Cut(strings.TrimSpace(c.Data[setting]), "/")
		if checkLabel(namespace) == "" && checkSubdomain(name) == "" {
			keys = append(keys, snapshot.Key{Namespace: namespace, Name: name})
		}
	}
	return keys
}
