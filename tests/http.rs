//! What the HTTP door promises, asked of a real server from outside: orders, logins, the menu, batches, the long
//! poll, limits, pages, and a clear answer to whatever is wrong, forged or hostile.
#![allow(clippy::disallowed_methods, reason = "tests are their own composition root")]

mod harness;

mod http {
    mod batch;
    mod contact;
    mod counter;
    mod feed;
    mod forged;
    mod headers;
    mod house;
    mod limits;
    mod list;
    mod login;
    mod mail;
    mod menu;
    mod messages;
    mod openapi;
    mod operations;
    mod orders;
    mod pages;
    mod pictures;
    mod pin;
    mod refusals;
    mod reports;
    mod schemas;
    mod screens;
    mod slow;
    mod staff;
    mod strangers;
    mod takeaway;
    mod text;
    mod tls;
    mod tries;
    mod wild;
}
