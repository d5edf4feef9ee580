-- Where guests want to be told is forgotten after a while; the oldest are found by when they agreed.
create index contacts_consented on contacts (consented_at);
