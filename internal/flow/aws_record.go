package flow

// RecordAWS is the record's "aws".
type RecordAWS struct {
	Partition       string           `json:"partition,omitempty"`
	Region          string           `json:"region,omitempty"`
	Service         string           `json:"service,omitempty"`
	ServiceName     string           `json:"service_name,omitempty"`
	Operation       string           `json:"operation"`
	Also            []string         `json:"also"`
	DecodedBy       string           `json:"decoded_by,omitempty"`
	EndpointService string           `json:"endpoint_service,omitempty"`
	RequestID       string           `json:"request_id,omitempty"`
	ExtendedID      string           `json:"extended_request_id,omitempty"`
	Error           *RecordError     `json:"error,omitempty"`
	InnerStatus     int              `json:"inner_status,omitempty"`
	Batch           []string         `json:"batch,omitempty"`        // service:Operation of each call, if there are several
	ClockSkew       float64          `json:"clock_skew_s,omitempty"` // how far the client's clock is ahead
	MeasuredMS      float64          `json:"measured_ms,omitempty"`
	Beacon          []RecordMeasure  `json:"beacon,omitempty"` // all that it measured
	PreflightOf     *RecordPreflight `json:"preflight_of,omitempty"`
}

// RecordPreflight is the record's "aws.preflight_of".
type RecordPreflight struct {
	Operations []string        `json:"operations"` // one of these
	By         PreflightSource `json:"by"`
}

// RecordMeasure is one duration of the record's "aws.beacon".
type RecordMeasure struct {
	Name string  `json:"name"`
	MS   float64 `json:"ms"`
}

// RecordError is the record's "aws.error".
type RecordError struct {
	Code      string `json:"code"`
	Message   string `json:"message,omitempty"`
	Type      string `json:"type,omitempty"`
	Deny      string `json:"denied_by,omitempty"` // the kind of policy
	PolicyARN string `json:"policy_arn,omitempty"`
	Explicit  bool   `json:"explicit_deny,omitempty"`
	Action    string `json:"action,omitempty"` // as a policy writes it: "cloudwatch:GetMetricData"
}

// Record returns the call's stable form. It shares the slices.
func (a *AWS) Record() *RecordAWS {
	r := &RecordAWS{
		Partition: a.Partition, Region: a.Region, Service: a.Service, ServiceName: a.ServiceName,
		Operation: a.Operation, Also: list(a.Also), DecodedBy: a.DecodedBy, EndpointService: a.EndpointService,
		RequestID: a.RequestID, ExtendedID: a.ExtendedRequestID, InnerStatus: a.InnerStatus, Batch: a.Batch,
		ClockSkew: a.ClockSkew.Seconds(), MeasuredMS: MS(a.Measured),
	}
	for _, m := range a.Beacon {
		r.Beacon = append(r.Beacon, RecordMeasure{m.Name, MS(m.Took)})
	}
	if p := a.PreflightOf; p != nil {
		r.PreflightOf = &RecordPreflight{list(p.Operations), p.By}
	}
	if e := a.Error; e != nil {
		r.Error = &RecordError{e.Code, e.Message, e.Type, e.Deny, e.PolicyARN, e.Explicit, e.Action}
	}
	return r
}
