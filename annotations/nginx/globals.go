package nginx

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// state notes where a setting of the gateway stands, so that targets can tell it from the controller's own default.
func state(e *annotations.Edge, field, setting string) {
	if !e.HasSetting(setting) {
		return
	}
	if e.Model.Global.Origins == nil {
		e.Model.Global.Origins = map[string]model.Origin{}
	}
	e.Model.Global.Origins[field] = e.Settings.Origin(setting)
}

// configHeader is a header that a ConfigMap of the platform names.
type configHeader struct{ name, value string }

// configHeaders reads the ConfigMap that a setting names, sorted by header name.
func configHeaders(e *annotations.Edge, setting string) []configHeader {
	ref := e.SettingText(setting)
	if ref == "" {
		return nil
	}
	ns, name, ok := cutRef(ref)
	if !ok {
		return nil
	}
	data, found := e.Lookup.ConfigMap(ns, name)
	if !found {
		return nil
	}
	hs := make([]configHeader, 0, len(data))
	for k, v := range data {
		hs = append(hs, configHeader{k, v})
	}
	slices.SortFunc(hs, func(a, b configHeader) int { return strings.Compare(a.name, b.name) })
	return hs
}

// edgeOps are the headers of a setting that mean the same for every location; what cannot be said at all is reported.
func edgeOps(e *annotations.Edge, setting string) []model.HeaderOp {
	if ref := e.SettingText(setting); ref != "" {
		ns, name, ok := cutRef(ref)
		if !ok {
			e.Findings.Report(finding.SettingInvalid, e.Settings.Origin(setting), setting, annotations.Quote(ref), "not namespace/name")
			return nil
		}
		if _, found := e.Lookup.ConfigMap(ns, name); !found {
			e.Setting(finding.Manual, setting, "ConfigMap "+ref+" is not in the input; without it no header is set")
			return nil
		}
	}
	var out []model.HeaderOp
	var lost []string
	o := e.Settings.Origin(setting)
	for _, h := range configHeaders(e, setting) {
		v, err := parseValue(h.value, nil)
		switch why := unsettable(h.name); {
		case why != "":
			lost = append(lost, annotations.Quote(h.name)+" ("+why+")")
		case err == nil && setting == setRequestHeaders:
			out = append(out, besideOwn(e, configOp(h.name, v, o))...)
		case err == nil:
			out = append(out, configOp(h.name, v, o))
		default:
			if _, err := parseValue(h.value, anyLocation); err != nil {
				lost = append(lost, h.name+" ("+err.Error()+")")
			}
		}
	}
	if len(lost) > 0 {
		e.Setting(finding.Manual, setting, "some of its headers are not sent: "+strings.Join(lost, "; "))
	}
	return out
}

// routeOps are the headers of a setting whose value depends on the location.
func routeOps(r *annotations.Route, setting string) []model.HeaderOp {
	if !r.Edge.HasSetting(setting) {
		return nil
	}
	var out []model.HeaderOp
	for _, h := range configHeaders(r.Edge, setting) {
		if _, err := parseValue(h.value, nil); err == nil || unsettable(h.name) != "" {
			continue
		}
		v, err := parseValue(h.value, ofLocation(r))
		switch {
		case err != nil:
		case setting == setRequestHeaders:
			out = append(out, besideOwn(r.Edge, configOp(h.name, v, r.Edge.Settings.Origin(setting)))...)
		default:
			out = append(out, configOp(h.name, v, r.Edge.Settings.Origin(setting)))
		}
	}
	return out
}

func configOp(name string, v model.Value, o model.Origin) model.HeaderOp {
	return model.HeaderOp{Name: name, Value: v, Remove: len(v) == 0, Empty: len(v) > 0 && mayBeEmpty(v), Origin: o}
}

// anyLocation stands for the variables that every location has a value of its own for.
func anyLocation(variable string) (string, bool) {
	switch variable {
	case "namespace", "ingress_name", "service_name", "service_port", "server_name":
		return "x", true
	}
	return "", false
}

// unsettable tells why a proxy must not set a header; "" if it may.
func unsettable(name string) string {
	if !sendableHeader(name) {
		return "it is not a header name"
	}
	switch strings.ToLower(name) {
	case "host":
		return "it decides where requests go; use upstream-vhost"
	case "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "proxy-connection":
		return "it belongs to the connection"
	}
	return ""
}

// switchedOn tells whether the ConfigMap says true to a setting that is off by default.
func switchedOn(e *annotations.Edge, setting string) bool {
	v, ok := e.Settings.Get(setting)
	if !ok {
		return false
	}
	b, err := strconv.ParseBool(v)
	return err == nil && b
}
