package pilot

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
)

// debug asks istiod what it knows.
type debug struct{ client *http.Client }

func newDebug() *debug { return &debug{client: &http.Client{Timeout: 10 * time.Second}} }

func (d *debug) get(path string) ([]byte, error) {
	resp, err := d.client.Get(fmt.Sprintf("http://%s:%d%s", address, debugPort, path))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("istiod: %s: status %d", path, resp.StatusCode)
	}
	return body, err
}

func (d *debug) ask(path string, answer any) error {
	body, err := d.get(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, answer)
}

// ready tells whether istiod serves.
func (d *debug) ready() bool {
	_, err := d.get("/ready")
	return err == nil
}

// known is what istiod has read of the cluster.
type known struct {
	configs   map[string]int64 // resource version by kind, namespace and name
	services  map[string]bool  // by host name
	endpoints map[string][]string
}

func (d *debug) known() (*known, error) {
	configs, err := d.get("/debug/configz")
	if err != nil {
		return nil, err
	}
	services, err := d.get("/debug/registryz")
	if err != nil {
		return nil, err
	}
	endpoints, err := d.get("/debug/endpointShardz")
	if err != nil {
		return nil, err
	}
	return parseKnown(configs, services, endpoints)
}

// status of the gateway's stream.
func (d *debug) progress() istiod.Progress {
	body, err := d.get("/debug/syncz")
	if err != nil {
		return istiod.Progress{}
	}
	return parseProgress(body)
}

func parseKnown(configs, services, endpoints []byte) (*known, error) {
	k := &known{configs: map[string]int64{}, services: map[string]bool{}, endpoints: map[string][]string{}}
	var objects []struct {
		Kind     string
		Metadata struct {
			Name, Namespace string
			ResourceVersion int64 `json:",string"`
		}
	}
	if err := json.Unmarshal(configs, &objects); err != nil {
		return nil, fmt.Errorf("configurations: %w", err)
	}
	for _, o := range objects {
		k.configs[key(o.Kind, o.Metadata.Namespace, o.Metadata.Name)] = o.Metadata.ResourceVersion
	}
	var hosts []struct{ Hostname string }
	if err := json.Unmarshal(services, &hosts); err != nil {
		return nil, fmt.Errorf("services: %w", err)
	}
	for _, h := range hosts {
		k.services[h.Hostname] = true
	}
	var shards map[string]map[string]struct {
		Shards map[string][]struct{ Addresses []string }
	}
	if err := json.Unmarshal(endpoints, &shards); err != nil {
		return nil, fmt.Errorf("endpoints: %w", err)
	}
	for host, namespaces := range shards {
		for _, n := range namespaces {
			for _, list := range n.Shards {
				for _, e := range list {
					k.endpoints[host] = append(k.endpoints[host], e.Addresses...)
				}
			}
		}
	}
	return k, nil
}

func key(kind, namespace, name string) string { return kind + " " + namespace + "/" + name }

// parseProgress reads the answer about all proxies and keeps the gateway's.
func parseProgress(text []byte) istiod.Progress {
	var proxies []struct {
		Proxy     string
		Resources map[string]struct{ Sent, Acked, LastError string }
	}
	var out istiod.Progress
	if json.Unmarshal(text, &proxies) != nil {
		return out
	}
	for _, p := range proxies {
		if p.Proxy != cluster.GatewayPod+"."+cluster.GatewayNamespace {
			continue
		}
		out.Connected = true
		for _, kind := range slices.Sorted(maps.Keys(p.Resources)) {
			r, short := p.Resources[kind], kind[strings.LastIndexByte(kind, '.')+1:]
			switch {
			case r.LastError != "":
				out.Refused = append(out.Refused, short+": "+r.LastError)
			case r.Sent == "" || r.Sent != r.Acked:
				out.Pending = append(out.Pending, short)
			}
			out.Mark += r.Sent + r.Acked + r.LastError
		}
	}
	return out
}
