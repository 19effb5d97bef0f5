package cloudtrail

import "testing"

func TestEventSource_isTheServicesOwn(t *testing.T) {
	for service, want := range map[string]string{
		"logs": "logs", "sesv2": "ses", "eventbridge": "events",
		"bedrock-runtime": "bedrock", "resourcegroupstaggingapi": "tagging",
	} {
		if got := EventSource(service); got != want {
			t.Errorf("%s: %s, want %s", service, got, want)
		}
	}
}

func TestIsDataEvent(t *testing.T) {
	if !IsDataEvent("monitoring", "GetMetricData") || IsDataEvent("monitoring", "DescribeAlarms") || IsDataEvent("", "") {
		t.Error("GetMetricData alone is a data event")
	}
}
