package apply

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Client talks to an API server, without a cache. It can write an object that is JSON already, and reads no more of the answer than metadata:
// with thousands of objects, to make trees of what was sent and of what comes back is most of the work.
type Client struct {
	client.Client
	config *rest.Config
	http   *http.Client
	codecs runtime.NegotiatedSerializer

	mu    sync.Mutex
	kinds map[schema.GroupVersionKind]resource
}

// resource is where objects of a kind are.
type resource struct {
	rest.Interface
	name string
}

// NewClient makes a Client of a client for the same cluster.
func NewClient(config *rest.Config, h *http.Client, c client.Client) (*Client, error) {
	scheme := runtime.NewScheme()
	if err := metav1.AddMetaToScheme(scheme); err != nil {
		return nil, err
	}
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"}) // errors are of it
	codecs := serializer.NewCodecFactory(scheme)
	return &Client{Client: c, config: config, http: h, codecs: codecs.WithoutConversion(), kinds: map[schema.GroupVersionKind]resource{}}, nil
}

// onlyMetadata asks for the metadata of what was written.
const onlyMetadata = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

// Write is one request that writes.
type Write struct {
	Ref
	Body    []byte
	Manager string
	// Patch is how the body changes the object; "" makes a new one.
	Patch  types.PatchType
	Status bool
	Force  bool
	Dry    bool // only try
	Strict bool // refuse what the server does not know
}

// Do sends a request and gives the metadata of the object as it is then.
func (c *Client) Do(ctx context.Context, w Write) (*metav1.PartialObjectMetadata, error) {
	r, err := c.resource(w.GVK())
	if err != nil {
		return nil, err
	}
	var req *rest.Request
	if w.Patch == "" {
		req = r.Post().SetHeader("Content-Type", runtime.ContentTypeJSON)
	} else {
		req = r.Patch(w.Patch).Name(w.Name)
		if w.Status {
			req = req.SubResource("status")
		}
	}
	req = req.NamespaceIfScoped(w.Namespace, w.Namespace != "").Resource(r.name).SetHeader("Accept", onlyMetadata).Body(w.Body).
		Param("fieldManager", w.Manager).Param("fieldValidation", validation(w.Strict))
	if w.Force {
		req = req.Param("force", "true")
	}
	if w.Dry {
		req = req.Param("dryRun", metav1.DryRunAll)
	}
	out := &metav1.PartialObjectMetadata{}
	return out, req.Do(ctx).Into(out)
}

// validation says what becomes of fields that the server does not know. They are looked for once, when an object is tried: that is not for
// nothing.
func validation(strict bool) string {
	if strict {
		return metav1.FieldValidationStrict
	}
	return metav1.FieldValidationIgnore
}

func (c *Client) resource(kind schema.GroupVersionKind) (resource, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r, ok := c.kinds[kind]; ok {
		return r, nil
	}
	m, err := c.RESTMapper().RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return resource{}, fmt.Errorf("looking for kind %s: %w", kind.Kind, err)
	}
	config := rest.CopyConfig(c.config)
	version := kind.GroupVersion()
	config.GroupVersion, config.APIPath, config.NegotiatedSerializer = &version, "/apis", c.codecs
	if version.Group == "" {
		config.APIPath = "/api"
	}
	i, err := rest.RESTClientForConfigAndClient(config, c.http)
	if err != nil {
		return resource{}, fmt.Errorf("looking for kind %s: %w", kind.Kind, err)
	}
	c.kinds[kind] = resource{i, m.Resource.Resource}
	return c.kinds[kind], nil
}
