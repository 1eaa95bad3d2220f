-- Numbers are never given twice, not even after a deletion; so sequences, not the highest one.
CREATE SEQUENCE ticket_numbers;
CREATE SEQUENCE contact_numbers;
CREATE SEQUENCE deal_numbers;
CREATE SEQUENCE meeting_numbers;
CREATE SEQUENCE record_numbers;

-- kind: ticket, incident or feature_request
CREATE TABLE tickets (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    key VARCHAR NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    title VARCHAR,
    description VARCHAR,
    source VARCHAR,
    requester_name VARCHAR,
    requester_email VARCHAR,
    requester_phone VARCHAR,
    company VARCHAR,
    product VARCHAR,
    component VARCHAR,
    version VARCHAR,
    error_code VARCHAR,
    reference VARCHAR,
    url VARCHAR,
    category VARCHAR,
    severity VARCHAR,
    occurred_at VARCHAR,
    due_date VARCHAR,
    service VARCHAR,
    status VARCHAR,
    started_at VARCHAR,
    detected_at VARCHAR,
    resolved_at VARCHAR,
    impact VARCHAR,
    cause VARCHAR,
    commander VARCHAR,
    reason VARCHAR,
    workaround VARCHAR,
    priority VARCHAR,
    users BIGINT
);

CREATE TABLE contacts (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    key VARCHAR NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    name VARCHAR,
    description VARCHAR,
    source VARCHAR,
    job_title VARCHAR,
    company VARCHAR,
    email VARCHAR,
    phone VARCHAR,
    mobile VARCHAR,
    website VARCHAR,
    address VARCHAR,
    language VARCHAR
);

CREATE TABLE deals (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    key VARCHAR NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    title VARCHAR,
    description VARCHAR,
    source VARCHAR,
    company VARCHAR,
    contact_name VARCHAR,
    contact_email VARCHAR,
    product VARCHAR,
    amount DOUBLE,
    currency VARCHAR,
    seats BIGINT,
    stage VARCHAR,
    probability DOUBLE,
    close_date VARCHAR,
    next_step VARCHAR,
    next_step_date VARCHAR,
    competitor VARCHAR
);

CREATE TABLE meetings (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    key VARCHAR NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    title VARCHAR,
    description VARCHAR,
    source VARCHAR,
    date VARCHAR,
    start_time VARCHAR,
    end_time VARCHAR,
    time_zone VARCHAR,
    location VARCHAR,
    url VARCHAR,
    organiser VARCHAR,
    attendees JSON,
    decisions JSON,
    action_items JSON
);

-- Of schemas that people wrote themselves; kind is the schema's name, data the whole record.
CREATE TABLE records (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    key VARCHAR NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    description VARCHAR,
    source VARCHAR,
    data JSON
);

CREATE SEQUENCE comment_numbers;
CREATE TABLE comments (
    id VARCHAR PRIMARY KEY,
    entry VARCHAR NOT NULL,
    key VARCHAR NOT NULL UNIQUE,
    made_at TIMESTAMP NOT NULL,
    comment VARCHAR NOT NULL
);

-- changes: {field: [before, after]}
CREATE SEQUENCE change_numbers;
CREATE TABLE changes (
    number BIGINT NOT NULL,
    entry VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    operation VARCHAR NOT NULL,
    changes JSON NOT NULL
);
