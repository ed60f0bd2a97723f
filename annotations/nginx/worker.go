package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Worker tunes nginx's processes, tables and Lua memory.
var Worker = annotations.Feature{
	Name: "worker",
	Settings: []annotations.Setting{
		{Name: "worker-processes", Syntax: "integer | auto", Class: finding.Noop, Doc: "Number of nginx's processes.", Note: tuning},
		{Name: "worker-cpu-affinity", Syntax: "mask | auto", Class: finding.Noop, Doc: "CPUs of nginx's processes.", Note: tuning},
		{Name: "worker-shutdown-timeout", Syntax: "time", Default: "240s", Class: finding.Noop, Doc: "How long old processes finish their connections.",
			Note: "set terminationDrainDuration of the gateway's proxy and terminationGracePeriodSeconds of its pod"},
		{Name: "enable-serial-reloads", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Reloads nginx only when the last reload is over.", Note: tuning},
		{Name: "max-worker-connections", Syntax: "integer", Default: "16384", Check: integer, Class: finding.Noop, Doc: "Connections of one process.", Note: tuning},
		{Name: "max-worker-open-files", Syntax: "integer", Default: "0", Check: integer, Class: finding.Noop, Doc: "Open files of one process.", Note: tuning},
		{Name: "enable-multi-accept", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Noop, Doc: "Accepts all waiting connections at once.", Note: tuning},
		{Name: "enable-aio-write", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Noop, Doc: "Writes files asynchronously.", Note: tuning},
		{Name: "reuse-port", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Noop, Doc: "Gives each process a socket of its own.", Note: tuning},
		{Name: "map-hash-bucket-size", Syntax: "integer", Default: "64", Check: integer, Class: finding.Noop, Doc: "Size of a hash table.", Note: tuning},
		{Name: "server-name-hash-max-size", Syntax: "integer", Default: "1024", Check: integer, Class: finding.Noop, Doc: "Size of a hash table.", Note: tuning},
		{Name: "server-name-hash-bucket-size", Syntax: "integer", Check: integer, Class: finding.Noop, Doc: "Size of a hash table.", Note: tuning},
		{Name: "proxy-headers-hash-max-size", Syntax: "integer", Default: "512", Check: integer, Class: finding.Noop, Doc: "Size of a hash table.", Note: tuning},
		{Name: "proxy-headers-hash-bucket-size", Syntax: "integer", Default: "64", Check: integer, Class: finding.Noop, Doc: "Size of a hash table.", Note: tuning},
		{Name: "variables-hash-max-size", Syntax: "integer", Default: "2048", Check: integer, Class: finding.Noop, Doc: "Size of a hash table.", Note: tuning},
		{Name: "variables-hash-bucket-size", Syntax: "integer", Default: "256", Check: integer, Class: finding.Noop, Doc: "Size of a hash table.", Note: tuning},
		{Name: "lua-shared-dicts", Syntax: "list of name:size", Class: finding.Noop, Doc: "Shared memory of the controller's Lua code.", Note: tuning},
		{Name: "disable-ipv6-dns", Syntax: "true | false", Check: boolean, Class: finding.Noop, Doc: "Asks for no IPv6 addresses.", Note: "Envoy asks for the address families of the cluster"},
	},
}

const tuning = "tunes nginx processes; Envoy needs none of it"

// Listeners are the addresses and ports of the controller. use-port-in-redirects and from-to-www-redirect write its ports
// into Location.
var Listeners = annotations.Feature{
	Name: "listeners",
	Settings: []annotations.Setting{
		{Name: "bind-address", Syntax: "list of addresses", Class: finding.Noop, Doc: "Addresses that nginx listens on.", Note: listenOwn},
		{Name: "bind-address-ipv4", Syntax: "list of addresses", Class: finding.Noop, Doc: "IPv4 part of bind-address.", Note: listenOwn},
		{Name: "bind-address-ipv6", Syntax: "list of addresses", Class: finding.Noop, Doc: "IPv6 part of bind-address.", Note: listenOwn},
		{Name: "disable-ipv6", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Does not listen on IPv6.", Note: listenOwn},
		{Name: "http-port", Flag: true, Syntax: "port", Default: "80", Check: integer, Class: finding.Noop, Doc: "Port for HTTP.", Note: "the gateway's servers have port 80"},
		{Name: "https-port", Flag: true, Syntax: "port", Default: "443", Check: integer, Class: finding.Noop, Doc: "Port for HTTPS, also written into redirects by use-port-in-redirects.", Note: "the gateway's servers have port 443"},
		{Name: "nginx-status-ipv4-whitelist", Syntax: "list of networks and addresses", Default: "127.0.0.1", Class: finding.Noop, Doc: "Who may read nginx's status page.", Note: "the gateway has no such page"},
		{Name: "nginx-status-ipv6-whitelist", Syntax: "list of networks and addresses", Default: "::1", Class: finding.Noop, Doc: "Who may read nginx's status page.", Note: "the gateway has no such page"},
		{Name: "health-check-path", Flag: true, Syntax: "path", Default: "/healthz", Class: finding.Manual,
			Doc: "Path that answers 200 on unknown hosts.", Note: "point the probes of load balancers to the gateway's status port (15021, /healthz/ready)"},
	},
	Edge: nativeBehaviour,
}

// nativeBehaviour fills what nginx does without being asked and cannot be told to leave: HTTP/1.0 clients are served, also
// without a Host header, and failed backends give 502 or 504.
func nativeBehaviour(e *annotations.Edge) {
	e.Model.Global.HTTP10, e.Model.Global.GatewayStatuses = true, true
}

const listenOwn = "addresses belong to the gateway's pods and Service"

// GeoIP looks up where clients are.
var GeoIP = annotations.Feature{
	Name: "geoip",
	Settings: []annotations.Setting{
		{Name: "use-geoip2", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Manual, Doc: "Fills nginx variables with the client's country and network.", Note: noGeoIP},
		{Name: "geoip2-autoreload-in-minutes", Syntax: "minutes", Default: "0", Check: integer, Class: finding.Noop, Doc: "How often the database is read again.", Note: noGeoIP},
		{Name: "maxmind-mirror", Flag: true, Syntax: "URL", Class: finding.Noop, Doc: "Where the database is fetched.", Note: noGeoIP},
		{Name: "maxmind-license-key", Flag: true, Syntax: "text", Class: finding.Noop, Doc: "Key for fetching the database.", Note: noGeoIP},
		{Name: "maxmind-edition-ids", Flag: true, Syntax: "list of names", Default: "GeoLite2-City,GeoLite2-ASN", Class: finding.Noop, Doc: "Which databases are fetched.", Note: noGeoIP},
		{Name: "maxmind-retries-count", Flag: true, Syntax: "integer", Default: "1", Check: integer, Class: finding.Noop, Doc: "Attempts to fetch the database.", Note: noGeoIP},
		{Name: "maxmind-retries-timeout", Flag: true, Syntax: "duration", Default: "0s", Check: duration, Class: finding.Noop, Doc: "Pause between the attempts.", Note: noGeoIP},
	},
}

const noGeoIP = "the gateway does not know where clients are; Envoy's geoip filter needs an EnvoyFilter of your own and a database in the gateway's pods"
