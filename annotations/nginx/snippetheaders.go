package nginx

import (
	"net/netip"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// moreHeaders reads more_set_headers "Name: value" ... and its relatives. Options (by status, by type, appending) and
// patterns of names are not understood.
func moreHeaders(d directive, wrap func(model.HeaderOp) statement, consts constants) ([]statement, bool) {
	clearing := strings.Contains(d.name, "_clear_")
	var out []statement
	for _, arg := range d.args {
		name, value, _ := strings.Cut(arg, ":")
		name, value = strings.TrimSpace(name), strings.TrimLeft(value, " \t")
		if clearing {
			value = ""
		}
		op, ok := headerOp(name, value, consts)
		if !ok {
			return nil, false
		}
		out = append(out, wrap(op))
	}
	return out, len(out) > 0
}

// headerOp sets a header, or removes it if the value is empty.
func headerOp(name, value string, consts constants) (model.HeaderOp, bool) {
	if !sendableHeader(name) || strings.ContainsAny(value, "\r\n\x00") {
		return model.HeaderOp{}, false
	}
	v, err := parseValue(value, consts)
	if err != nil {
		return model.HeaderOp{}, false
	}
	return model.HeaderOp{Name: name, Value: v, Remove: len(v) == 0, Empty: len(v) > 0 && mayBeEmpty(v)}, true
}

// sendableHeader accepts the characters of a header's name.
func sendableHeader(s string) bool {
	for i := range len(s) {
		if !nameByte(s[i]) && s[i] != '-' && s[i] != '.' {
			return false
		}
	}
	return s != "" && s[0] != '-'
}

// mayBeEmpty tells whether every part of a value can be absent from a request.
func mayBeEmpty(v model.Value) bool {
	for _, p := range v {
		switch p.Var {
		case model.VarHeader, model.VarQuery, model.VarQueryString, model.VarOptionalQuery, model.VarTLSVersion,
			model.VarPeerSubject, model.VarPeerIssuer, model.VarPeerCertificate, model.VarPathCapture:
		default:
			return false
		}
	}
	return true
}

// proxyHeader reads proxy_set_header. What switches WebSockets on is there by default.
func (r *snippetReader) proxyHeader(args []string) ([]statement, bool) {
	if len(args) != 2 {
		return nil, false
	}
	switch strings.ToLower(args[0]) + " " + strings.ToLower(args[1]) {
	case "upgrade $http_upgrade", "connection upgrade", "connection $connection_upgrade":
		return nil, true
	}
	op, ok := headerOp(args[0], args[1], r.consts)
	return []statement{requestStatement{op: op}}, ok
}

// addHeader reads add_header NAME VALUE [always]. Headers with an empty value are not sent.
func (r *snippetReader) addHeader(args []string) (statement, bool) {
	always := len(args) == 3 && args[2] == "always"
	if len(args) != 2 && !always {
		return nil, false
	}
	op, ok := headerOp(args[0], args[1], r.consts)
	op.Add = true
	return responseStatement{op: op, always: always}, ok && !op.Remove
}

func hideLine(args []string) (statement, bool) {
	if len(args) != 1 || !sendableHeader(args[0]) {
		return nil, false
	}
	return hideStatement{name: args[0]}, true
}

// accessRule reads allow and deny with an address, a network or all.
func accessRule(d directive) (statement, bool) {
	if len(d.args) != 1 {
		return nil, false
	}
	out := accessStatement{deny: d.name == "deny"}
	if d.args[0] == "all" {
		return out, true
	}
	if a, err := netip.ParseAddr(d.args[0]); err == nil && a.Zone() == "" {
		out.cidr = netip.PrefixFrom(a, a.BitLen()).String()
		return out, true
	}
	n, err := netip.ParsePrefix(d.args[0])
	if err != nil {
		return nil, false
	}
	out.cidr = n.Masked().String()
	return out, true
}

// withoutEffect lists directives that neither clients nor backends can observe, or that say what holds anyway.
func withoutEffect(name string) bool {
	switch name {
	case "access_log", "error_log", "log_not_found", "log_subrequest", "rewrite_log", "uninitialized_variable_warn",
		"proxy_buffering", "proxy_buffers", "proxy_buffer_size", "proxy_busy_buffers_size", "proxy_max_temp_file_size",
		"proxy_temp_file_write_size", "proxy_headers_hash_max_size", "proxy_headers_hash_bucket_size", "proxy_http_version",
		"proxy_socket_keepalive", "client_body_buffer_size", "client_header_buffer_size", "sendfile", "tcp_nodelay",
		"tcp_nopush", "output_buffers", "postpone_output", "server_tokens", "types_hash_max_size", "directio", "aio",
		"open_file_cache", "variables_hash_max_size", "log_by_lua_block":
		return true
	}
	return false
}

// overridden lists directives that every location of the controller's configuration states itself, so that they are
// without effect in a snippet of the host.
func overridden(name string) bool {
	switch name {
	case "proxy_set_header", "client_max_body_size", "proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout",
		"proxy_request_buffering", "proxy_next_upstream", "proxy_next_upstream_timeout", "proxy_next_upstream_tries",
		"proxy_cookie_domain", "proxy_cookie_path":
		return true
	}
	return false
}

// harmless lists directives whose loss changes answers but opens nothing. Whatever is not listed may be a protection.
func harmless(name string) bool {
	for _, p := range []string{"gzip", "brotli", "proxy_cache", "sub_filter", "proxy_next_upstream", "opentelemetry",
		"keepalive_", "lingering_", "proxy_redirect", "expires", "etag", "charset", "more_set_headers", "more_clear_headers",
		"add_header", "add_trailer", "proxy_hide_header", "proxy_ignore_headers", "proxy_pass_header"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	switch name {
	case "default_type", "types", "if_modified_since", "chunked_transfer_encoding", "proxy_ignore_client_abort",
		"proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout", "send_timeout", "client_body_timeout",
		"client_header_timeout", "reset_timedout_connection", "port_in_redirect", "server_name_in_redirect",
		"absolute_redirect", "proxy_request_buffering", "resolver", "resolver_timeout", "large_client_header_buffers",
		"http2_push_preload", "underscores_in_headers", "ignore_invalid_headers":
		return true
	}
	return false
}
