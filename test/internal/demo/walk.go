package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// walk is somebody who migrates.
type walk struct {
	ctx     context.Context
	out     io.Writer
	rest    rest.Interface
	client  *http.Client
	alive   func() error
	traffic []*traffic
}

func newWalk(ctx context.Context, config *rest.Config, out io.Writer) (*walk, error) {
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &walk{ctx: ctx, out: out, rest: clients.RESTClient(), client: &http.Client{Timeout: 5 * time.Second}}, nil
}

func say(out io.Writer, format string, args ...any) {
	fmt.Fprintf(out, "\n== "+format+"\n", args...)
}

const (
	translations = "/apis/ingress2gw.io/v1alpha1/ingresstranslations"
	services     = "/apis/networking.istio.io/v1/virtualservices"
	ingresses    = "/apis/networking.k8s.io/v1"
)

// all is the whole walk.
func (w *walk) all() error {
	defer func() {
		for _, t := range w.traffic {
			t.end()
		}
	}()
	for _, step := range []func() error{w.preview, w.blogLive, w.shopShadow, w.shopLive, w.change, w.back, w.release, w.result} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) preview() error {
	say(w.out, "Six Ingresses of three teams, and one Migration. Each Ingress gets an IngressTranslation that says what would become of it.")
	if err := w.until("six IngressTranslations", func() (bool, error) {
		all, err := w.states()
		return len(all) == 6 && !slices.ContainsFunc(all, func(s state) bool { return s.phase != "preview" }), err
	}); err != nil {
		return err
	}
	if err := w.kubectl("get ingresstranslations -A", translations); err != nil {
		return err
	}
	say(w.out, "Nothing is applied: the gateway knows no host. One Ingress has a blocking finding: its passwords are not known to the operator, so its path would be closed, and it does not go live.")
	return nil
}

func (w *walk) blogLive() error {
	say(w.out, "The blog goes first. From now on a client asks for it a hundred times a second, whatever happens.")
	if err := w.phase("blog", "web", "live"); err != nil {
		return err
	}
	return w.serves("blog.demo.test", "/")
}

func (w *walk) shopShadow() error {
	say(w.out, "The shop, carefully: phase shadow writes its objects for a gateway that no public traffic reaches.")
	for _, name := range []string{"web", "api"} {
		if err := w.phase("shop", name, "shadow"); err != nil {
			return err
		}
	}
	if err := w.kubectl("get virtualservices -A", services); err != nil {
		return err
	}
	say(w.out, "The shadow gateway answers as the gateway will, so that the application can be tried; the gateway itself does not know the host.")
	if err := w.answers(shadow(), "shop.demo.test", "/api/v1", http.StatusOK); err != nil {
		return err
	}
	return w.answers(gateway(), "shop.demo.test", "/api/v1", http.StatusNotFound)
}

func (w *walk) shopLive() error {
	say(w.out, "Then live. Both Ingresses of the host move together.")
	for _, name := range []string{"web", "api"} {
		if err := w.annotate("shop", name, "ingress2gw.io/phase", "live"); err != nil {
			return err
		}
	}
	for _, name := range []string{"web", "api"} {
		if err := w.settled("shop", name, "live"); err != nil {
			return err
		}
	}
	if err := w.serves("shop.demo.test", "/"); err != nil {
		return err
	}
	return w.serves("shop.demo.test", "/api/v1")
}

func (w *walk) change() error {
	say(w.out, "The team changes its Ingress; the gateway follows. A new path of the shop:")
	patch := `[{"op": "add", "path": "/spec/rules/0/http/paths/-", "value": {"path": "/new", "pathType": "Prefix", "backend": {"service": {"name": "api", "port": {"number": 80}}}}}]`
	fmt.Fprintf(w.out, "\n  $ kubectl -n shop patch ingress web --type json -p '...'\n")
	if err := w.patch("shop", "web", types.JSONPatchType, patch); err != nil {
		return err
	}
	return w.until("/new leads to api", func() (bool, error) {
		r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, gateway()+"/new", nil)
		if err != nil {
			return false, err
		}
		r.Host = "shop.demo.test"
		answer, err := w.client.Do(r)
		if err != nil {
			return false, nil //nolint:nilerr // it is asked again
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return strings.Contains(string(body), `"service":"shop/api"`), err
	})
}

func (w *walk) back() error {
	say(w.out, "Every step can be taken back. The blog goes back to its preview and comes again; nobody asks for it meanwhile.")
	blog := w.traffic[0]
	w.traffic = w.traffic[1:]
	if err := w.report(blog); err != nil {
		return err
	}
	if err := w.phase("blog", "web", "preview"); err != nil {
		return err
	}
	if err := w.answers(gateway(), "blog.demo.test", "/", http.StatusNotFound); err != nil {
		return err
	}
	if err := w.phase("blog", "web", "live"); err != nil {
		return err
	}
	return w.serves("blog.demo.test", "/")
}

func (w *walk) release() error {
	say(w.out, "The blog's team takes over: released. The objects are the team's, the Ingress can go.")
	if err := w.phase("blog", "web", "released"); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "\n  $ kubectl -n blog delete ingress web\n")
	if err := w.rest.Delete().AbsPath(ingresses, "namespaces/blog/ingresses/web").Do(w.ctx).Error(); err != nil {
		return err
	}
	time.Sleep(2 * time.Second) // requests go on
	return w.kubectl("get virtualservices -A", services)
}

func (w *walk) result() error {
	say(w.out, "What clients noticed of all this:")
	var failed error
	for _, t := range w.traffic {
		if err := w.report(t); err != nil {
			failed = err
		}
	}
	w.traffic = nil
	return failed
}

func (w *walk) report(t *traffic) error {
	sent, failed, why := t.end()
	fmt.Fprintf(w.out, "  %s: %d requests, %d failed\n", t.what, sent, failed)
	if failed > 0 {
		return fmt.Errorf("requests for %s failed: %s", t.what, why)
	}
	return nil
}

// serves waits until the gateway answers for a host, and has a client ask from then on.
func (w *walk) serves(host, path string) error {
	if err := w.answers(gateway(), host, path, http.StatusOK); err != nil {
		return err
	}
	w.traffic = append(w.traffic, drive(w.ctx, gateway(), host, path))
	return nil
}

// answers waits for an answer of a gateway, and shows it.
func (w *walk) answers(base, host, path string, status int) error {
	if err := w.until(fmt.Sprintf("%s%s at %s gets %d", host, path, base, status), func() (bool, error) {
		got, err := ask(w.ctx, w.client, base, host, path)
		return err == nil && got == status, nil //nolint:nilerr // it is asked again
	}); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "\n  $ curl -s -o /dev/null -w '%%{http_code}' -H 'Host: %s' %s%s\n  %d\n", host, base, path, status)
	return nil
}

// phase moves an Ingress and waits until it is there.
func (w *walk) phase(namespace, name, phase string) error {
	if err := w.annotate(namespace, name, "ingress2gw.io/phase", phase); err != nil {
		return err
	}
	if phase == "shadow" && name == "web" {
		return nil // it waits for the other Ingress of its host
	}
	return w.settled(namespace, name, phase)
}

func (w *walk) settled(namespace, name, phase string) error {
	return w.until(fmt.Sprintf("%s/%s is %s", namespace, name, phase), func() (bool, error) {
		all, err := w.states()
		return slices.Contains(all, state{namespace, name, phase, true}), err
	})
}

func (w *walk) annotate(namespace, name, key, value string) error {
	fmt.Fprintf(w.out, "\n  $ kubectl -n %s annotate ingress %s %s=%s --overwrite\n", namespace, name, key, value)
	return w.patch(namespace, name, types.MergePatchType, fmt.Sprintf(`{"metadata": {"annotations": {%q: %q}}}`, key, value))
}

func (w *walk) patch(namespace, name string, kind types.PatchType, patch string) error {
	return w.rest.Patch(kind).AbsPath(ingresses, "namespaces", namespace, "ingresses", name).Body([]byte(patch)).Do(w.ctx).Error()
}

// state is what an IngressTranslation says.
type state struct {
	namespace, name, phase string
	ready                  bool
}

func (w *walk) states() ([]state, error) {
	data, err := w.rest.Get().AbsPath(translations).DoRaw(w.ctx)
	if err != nil {
		return nil, err
	}
	var list struct {
		Items []struct {
			Metadata struct{ Namespace, Name string }
			Status   struct {
				Phase      string
				Conditions []struct{ Type, Status string }
			}
		}
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	var out []state
	for _, i := range list.Items {
		s := state{i.Metadata.Namespace, i.Metadata.Name, i.Status.Phase, false}
		for _, c := range i.Status.Conditions {
			s.ready = s.ready || c.Type == "Ready" && c.Status == "True"
		}
		out = append(out, s)
	}
	return out, nil
}

// patience bounds each wait.
const patience = time.Minute

func (w *walk) until(what string, so func() (bool, error)) error {
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		ok, err := so()
		switch {
		case err != nil:
			return err
		case ok:
			return nil
		case w.ctx.Err() != nil:
			return w.ctx.Err()
		case time.Now().After(end):
			return fmt.Errorf("it never comes to be: %s", what)
		}
		if err := w.alive(); err != nil {
			return err
		}
	}
}
