package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Process are flags of the controller's process, none of which changes traffic.
var Process = annotations.Feature{
	Name: "process",
	Settings: []annotations.Setting{
		{Name: "apiserver-host", Flag: true, Syntax: "URL", Class: finding.Noop, Doc: "Address of the API server.", Note: processOwn},
		{Name: "certificate-authority", Flag: true, Syntax: "path", Class: finding.Noop, Doc: "CA of the API server.", Note: processOwn},
		{Name: "kubeconfig", Flag: true, Syntax: "path", Class: finding.Noop, Doc: "How to reach the API server.", Note: processOwn},
		{Name: "publish-service", Flag: true, Syntax: "namespace/name", Class: finding.Noop, Doc: "Service whose address goes into the status of Ingresses.", Note: statusOwn},
		{Name: "publish-status-address", Flag: true, Syntax: "list of addresses", Class: finding.Noop, Doc: "Addresses that go into the status of Ingresses.", Note: statusOwn},
		{Name: "update-status", Flag: true, Syntax: "switch", Default: "true", Check: boolean, Class: finding.Noop, Doc: "Writes the status of Ingresses.", Note: statusOwn},
		{Name: "update-status-on-shutdown", Flag: true, Syntax: "switch", Default: "true", Check: boolean, Class: finding.Noop, Doc: "Clears the status of Ingresses at the end.", Note: statusOwn},
		{Name: "status-update-interval", Flag: true, Syntax: "seconds", Default: "60", Check: integer, Class: finding.Noop, Doc: "How often the status is checked.", Note: statusOwn},
		{Name: "report-node-internal-ip-address", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Writes internal addresses of nodes into the status.", Note: statusOwn},
		{Name: "election-id", Flag: true, Syntax: "name", Default: "ingress-controller-leader", Class: finding.Noop, Doc: "Name of the leader election.", Note: processOwn},
		{Name: "election-ttl", Flag: true, Syntax: "duration", Default: "30s", Check: duration, Class: finding.Noop, Doc: "How long a leader stays one.", Note: processOwn},
		{Name: "disable-leader-election", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Elects no leader.", Note: processOwn},
		{Name: "sync-period", Flag: true, Syntax: "duration", Default: "0", Check: duration, Class: finding.Noop, Doc: "How often everything is read again.", Note: processOwn},
		{Name: "sync-rate-limit", Flag: true, Syntax: "number", Default: "0.3", Check: number, Class: finding.Noop, Doc: "How often nginx is configured at most.", Note: processOwn},
		{Name: "dynamic-configuration-retries", Flag: true, Syntax: "integer", Default: "15", Check: integer, Class: finding.Noop, Doc: "Attempts to configure a running nginx.", Note: processOwn},
		{Name: "disable-sync-events", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Writes no Sync events.", Note: processOwn},
		{Name: "shutdown-grace-period", Flag: true, Syntax: "seconds", Default: "0", Check: integer, Class: finding.Noop, Doc: "Wait between the end signal and nginx's end.", Note: drainOwn},
		{Name: "post-shutdown-grace-period", Flag: true, Syntax: "seconds", Default: "10", Check: integer, Class: finding.Noop, Doc: "Wait after nginx's end.", Note: drainOwn},
		{Name: "health-check-timeout", Flag: true, Syntax: "seconds", Default: "10", Check: integer, Class: finding.Noop, Doc: "Longest answer of the health check.", Note: processOwn},
		{Name: "healthz-port", Flag: true, Syntax: "port", Default: "10254", Check: integer, Class: finding.Noop, Doc: "Port of the health check and metrics.", Note: "the gateway has status port 15021"},
		{Name: "healthz-host", Flag: true, Syntax: "address", Class: finding.Noop, Doc: "Address of the health check.", Note: processOwn},
		{Name: "status-port", Flag: true, Syntax: "port", Default: "10246", Check: integer, Class: finding.Noop, Doc: "Internal port.", Note: processOwn},
		{Name: "stream-port", Flag: true, Syntax: "port", Default: "10247", Check: integer, Class: finding.Noop, Doc: "Internal port.", Note: processOwn},
		{Name: "profiling", Flag: true, Syntax: "switch", Default: "true", Check: boolean, Class: finding.Noop, Doc: "Serves profiles of the controller.", Note: processOwn},
		{Name: "profiler-port", Flag: true, Syntax: "port", Default: "10245", Check: integer, Class: finding.Noop, Doc: "Port of the profiles.", Note: processOwn},
		{Name: "profiler-address", Flag: true, Syntax: "address", Default: "127.0.0.1", Class: finding.Noop, Doc: "Address of the profiles.", Note: processOwn},
		{Name: "version", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Prints the version and ends.", Note: processOwn},

		{Name: "v", Flag: true, Syntax: "integer", Default: "0", Check: integer, Class: finding.Noop, Doc: "How much the controller logs.", Note: processLog},
		{Name: "vmodule", Flag: true, Syntax: "list of file=level", Class: finding.Noop, Doc: "How much parts of the controller log.", Note: processLog},
		{Name: "logtostderr", Flag: true, Syntax: "switch", Default: "true", Check: boolean, Class: finding.Noop, Doc: "Logs to stderr.", Note: processLog},
		{Name: "alsologtostderr", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Logs to stderr and files.", Note: processLog},
		{Name: "stderrthreshold", Flag: true, Syntax: "level", Default: "2", Class: finding.Noop, Doc: "Lowest level that goes to stderr.", Note: processLog},
		{Name: "log_dir", Flag: true, Syntax: "path", Class: finding.Noop, Doc: "Folder of log files.", Note: processLog},
		{Name: "log_file", Flag: true, Syntax: "path", Class: finding.Noop, Doc: "Log file.", Note: processLog},
		{Name: "log_file_max_size", Flag: true, Syntax: "megabytes", Default: "1800", Check: integer, Class: finding.Noop, Doc: "Largest log file.", Note: processLog},
		{Name: "log_backtrace_at", Flag: true, Syntax: "file:line", Class: finding.Noop, Doc: "Where to log the call stack.", Note: processLog},
		{Name: "add_dir_header", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Adds folders to log lines.", Note: processLog},
		{Name: "skip_headers", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Leaves prefixes out of log lines.", Note: processLog},
		{Name: "skip_log_headers", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Leaves the first lines out of log files.", Note: processLog},
		{Name: "one_output", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Writes each line to one log only.", Note: processLog},
	},
}

// What is said of more than one flag.
const (
	processOwn = "concerns the controller's process only"
	processLog = "concerns the controller's own log only"
	statusOwn  = "concerns the status of Ingresses; a Gateway's address is that of the gateway's Service"
	drainOwn   = "set terminationDrainDuration of the gateway's proxy and terminationGracePeriodSeconds of its pod"
)

// Metrics are what the controller counts.
var Metrics = annotations.Feature{
	Name: "metrics",
	Settings: []annotations.Setting{
		{Name: "enable-metrics", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Counts requests for Prometheus.", Note: metricsOwn},
		{Name: "metrics-per-host", Flag: true, Syntax: "switch", Default: "true", Check: boolean, Class: finding.Noop, Doc: "Counts each host apart.", Note: metricsOwn},
		{Name: "metrics-per-undefined-host", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Counts unknown hosts apart.", Note: metricsOwn},
		{Name: "report-status-classes", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Counts by 2xx to 5xx instead of by status.", Note: metricsOwn},
		{Name: "time-buckets", Flag: true, Syntax: "list of numbers", Class: finding.Noop, Doc: "Steps of the time histograms.", Note: metricsOwn},
		{Name: "length-buckets", Flag: true, Syntax: "list of numbers", Class: finding.Noop, Doc: "Steps of the length histograms.", Note: metricsOwn},
		{Name: "size-buckets", Flag: true, Syntax: "list of numbers", Class: finding.Noop, Doc: "Steps of the size histograms.", Note: metricsOwn},
		{Name: "bucket-factor", Flag: true, Syntax: "number", Default: "0", Check: number, Class: finding.Noop, Doc: "Growth of native histograms.", Note: metricsOwn},
		{Name: "max-buckets", Flag: true, Syntax: "integer", Default: "100", Check: integer, Class: finding.Noop, Doc: "Steps of native histograms.", Note: metricsOwn},
		{Name: "exclude-socket-metrics", Flag: true, Syntax: "list of names", Class: finding.Noop, Doc: "Metrics that are left out.", Note: metricsOwn},
		{Name: "monitor-max-batch-size", Flag: true, Syntax: "integer", Default: "10000", Check: integer, Class: finding.Noop, Doc: "Requests that are counted at once.", Note: metricsOwn},
	},
}

const metricsOwn = "the gateway has Istio's standard metrics; dashboards and alerts must be moved to them"
