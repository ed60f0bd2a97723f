package load

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// pageSize is how many objects one answer of the API server holds, so that neither side needs memory for all of them.
const pageSize = "500"

// cluster reads the snapshot from an API server. Answers are read by the same code as files.
type cluster struct {
	*reader
	client    rest.Interface
	namespace string // "" for all
	opts      Options
}

// resource is a kind as the API server lists it.
type resource struct {
	name       string
	paths      []string // of its API versions, the first that exists is used
	namespaced bool
	optional   bool // need not exist in the cluster
}

func (r *reader) cluster(ctx context.Context, o Options) error {
	c, err := r.connect(o)
	if err != nil {
		return err
	}
	r.trusted, r.unplaced = true, true
	read, err := c.list(ctx, resource{
		name:  "ingresses",
		paths: []string{"/apis/networking.k8s.io/v1", "/apis/networking.k8s.io/v1beta1", "/apis/extensions/v1beta1"}, namespaced: true,
	}, map[string]string{"labelSelector": o.Selector})
	if err != nil {
		return err
	}
	if !read {
		return errors.New("reading the cluster: ingresses cannot be listed; see kubectl auth can-i list ingresses")
	}
	if r.snapshot.HasClasses, err = c.list(ctx, resource{
		name: "ingressclasses", paths: []string{"/apis/networking.k8s.io/v1", "/apis/networking.k8s.io/v1beta1"},
	}, nil); err != nil {
		return err
	}
	if r.snapshot.HasServices, err = c.list(ctx, resource{name: "services", paths: []string{"/api/v1"}, namespaced: true}, nil); err != nil {
		return err
	}
	if err := c.namespaces(ctx); err != nil {
		return err
	}
	for _, name := range [...]string{"gateways", "destinationrules"} {
		_, err := c.list(ctx, resource{
			name: name, namespaced: true, optional: true,
			paths: []string{"/apis/networking.istio.io/v1", "/apis/networking.istio.io/v1beta1", "/apis/networking.istio.io/v1alpha3"},
		}, nil)
		if err != nil {
			return err
		}
	}
	return errors.Join(c.secrets(ctx), c.configMaps(ctx))
}

// namespaces reads all of them, or of the one that is read its labels if they are asked for.
func (c *cluster) namespaces(ctx context.Context) error {
	all := resource{name: "namespaces", paths: []string{"/api/v1"}}
	if c.namespace == "" {
		_, err := c.list(ctx, all, nil)
		return err
	}
	c.snapshot.Namespaces[c.namespace] = true
	if !c.opts.NamespaceLabels {
		return nil
	}
	_, err := c.list(ctx, all, map[string]string{"fieldSelector": "metadata.name=" + c.namespace})
	return err
}

func (r *reader) connect(o Options) (*cluster, error) {
	if o.Config == nil {
		return nil, errors.New("there is neither a file to read nor a cluster")
	}
	config, err := o.Config.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	if r.filter.namespace == "" {
		if r.filter.namespace, _, err = o.Config.ToRawKubeConfigLoader().Namespace(); err != nil {
			return nil, fmt.Errorf("reading the kubeconfig: %w", err)
		}
	}
	r.filter.all = o.AllNamespaces
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	config.QPS = -1 // the server has its own fairness
	client, err := rest.UnversionedRESTClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	c := &cluster{reader: r, client: client, namespace: r.filter.namespace, opts: o}
	if o.AllNamespaces {
		c.namespace = ""
	}
	return c, nil
}

// list reads all objects of a resource, and says false when the user may not.
func (c *cluster) list(ctx context.Context, res resource, params map[string]string) (bool, error) {
	found, err := c.pages(ctx, res, params, "", func(body string) error {
		if !c.json(body, 1) {
			return errors.New("the answer is not JSON")
		}
		return nil
	})
	return found, err
}

// pages asks for a resource page by page.
func (c *cluster) pages(ctx context.Context, res resource, params map[string]string, accept string, page func(body string) error) (bool, error) {
	for _, base := range res.paths {
		path := base + "/" + res.name
		if res.namespaced && c.namespace != "" {
			path = base + "/namespaces/" + c.namespace + "/" + res.name
		}
		err := c.pagesOf(ctx, path, params, accept, page)
		switch {
		case err == nil:
			return true, nil
		case apierrors.IsNotFound(err):
			continue
		case apierrors.IsForbidden(err):
			c.withheld(res.name, err)
			return false, nil
		}
		return false, fmt.Errorf("reading %s from the cluster: %w", res.name, err)
	}
	if !res.optional {
		return false, fmt.Errorf("reading the cluster: it has no %s", res.name)
	}
	return false, nil
}

// withheld reports what the user may not see.
func (c *cluster) withheld(what string, err error) {
	c.snapshot.Findings.Report(finding.NotListed, finding.Origin{}, what, err.Error())
}

func (c *cluster) pagesOf(ctx context.Context, path string, params map[string]string, accept string, page func(body string) error) error {
	for token := ""; ; {
		request := c.client.Get().AbsPath(path).Param("limit", pageSize)
		for k, v := range params {
			if v != "" {
				request.Param(k, v)
			}
		}
		if token != "" {
			request.Param("continue", token)
		}
		if accept != "" {
			request.SetHeader("Accept", accept)
		}
		body, err := c.ask(ctx, request)
		if apierrors.IsResourceExpired(err) && token != "" {
			// The list took longer than the server keeps old states. It offers to go on from the present one.
			if next := nextPage(body); next != "" && next != token {
				token = next
				continue
			}
		}
		if err != nil {
			return err
		}
		if err := page(body); err != nil {
			return err
		}
		if token = nextPage(body); token == "" {
			return nil
		}
	}
}

// ask sends a request. The body is also there when the answer is an error.
func (c *cluster) ask(ctx context.Context, request *rest.Request) (string, error) {
	result := request.Do(ctx)
	body, _ := result.Raw() // its error is that of the result, less what the server said
	return string(body), result.Error()
}

// nextPage is the token for the page after the given one; "" after the last.
func nextPage(body string) string {
	o, err := outline(body, 1)
	if err != nil || o.metadata.end == 0 {
		return ""
	}
	var a arena
	t, err := parseJSON(&a, body[o.metadata.start:o.metadata.end], 1)
	if err != nil {
		return ""
	}
	return t.root.str("continue")
}
