package istio

import (
	"errors"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// set replaces a header by a value, which is an Envoy format string. A value that comes out empty leaves the header alone.
func set(name, value string) *mutationv3.HeaderMutation {
	return &mutationv3.HeaderMutation{Action: &mutationv3.HeaderMutation_Append{Append: headerValue(name, value)}}
}

// setIfAbsent is set for messages without the header.
func setIfAbsent(name, value string) *mutationv3.HeaderMutation {
	h := headerValue(name, value)
	h.AppendAction = corev3.HeaderValueOption_ADD_IF_ABSENT
	return &mutationv3.HeaderMutation{Action: &mutationv3.HeaderMutation_Append{Append: h}}
}

// setIfPresent is set for messages with the header.
func setIfPresent(name, value string) *mutationv3.HeaderMutation {
	h := headerValue(name, value)
	h.AppendAction = corev3.HeaderValueOption_OVERWRITE_IF_EXISTS
	return &mutationv3.HeaderMutation{Action: &mutationv3.HeaderMutation_Append{Append: h}}
}

func remove(name string) *mutationv3.HeaderMutation {
	return &mutationv3.HeaderMutation{Action: &mutationv3.HeaderMutation_Remove{Remove: name}}
}

func headerValue(name, value string) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{
		Header:       &corev3.HeaderValue{Key: name, Value: value},
		AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
}

// headerValues writes operations for an EnvoyFilter: what is set, and what is removed before. What cannot be written is
// reported and left out.
func (e *emitter) headerValues(ops []model.HeaderOp) (values []*corev3.HeaderValueOption, removed []string) {
	for _, op := range ops {
		if op.Remove {
			removed = append(removed, op.Name)
			continue
		}
		v, err := e.format(op.Value, inEnvoyFilter)
		if err != nil {
			e.reportValue(op, err)
			continue
		}
		if op.Empty {
			removed = append(removed, op.Name)
		}
		h := headerValue(op.Name, v)
		if op.Add {
			h.AppendAction = corev3.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD
		}
		values = append(values, h)
	}
	return values, removed
}

// format is the function of that name for the version of the target: older proxies refuse the whole route table because of a
// command that they do not know.
func (e *emitter) format(v model.Value, where formatPlace) (string, error) {
	if !e.can(26) {
		for _, p := range v {
			switch p.Var {
			case model.VarServerPort, model.VarQueryString, model.VarOptionalQuery, model.VarQuery, model.VarHost:
				return "", errors.New("it needs Istio 1.26")
			}
		}
	}
	return format(v, where)
}
