-- A shop that the operator has stopped: nobody signs in, the agent is silent, nothing is sent.

alter table tenants add column suspended_at timestamptz;
