"use strict";
/*
What the page reads: events, each a name and an object. Live, they arrive as Server-Sent Events
(ui/web makes the objects, internal/share sends them). Offline, they are an array of
[name, object] in the document: gzip, then base64, in the element "events".

hello     {version, detour, run, title, kind, now, privacy, reset}   the first one; reset: forget all rows
state     {facts: [{name, value}], watching, ended, badge, flows, recorded, now}
row       {id, rev, at, ms, open, cells, tones, rank, end, views, keys, phases, note, marked}   see row in rows.go
gone      {ids: [id…]}          rows that are no more
findings  {html, list: [{code, level, title, resolved, flows: [id…]}]}
          html has an element with data-finding=INDEX for each of the list
steps     {steps: [{at, text}…]}   all steps; at is RFC 3339
cursor    {id}                  where the host's cursor is
gap       {lost}                so many events were left out; 0: nothing is missing any more
omitted   {rows, details}       offline: sentences about what the document lacks, if it does
end       {why}                 nothing follows

A cell is a text, or an array of its short form and the text. A phase is [name, milliseconds].
The columns, layouts, views and names of phases are in the element "setup" (setup.go).

GET flow/ID?as=rows returns {id, rev, title, result, tone, open, tabs, phases, ms, findings}; see
flowDetail in detail.go. Offline, these are in elements of the class "details": objects by ID,
packed like the events.
*/
