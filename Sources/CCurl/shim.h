#pragma once
#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Swift does not import functions with an ellipsis: one inline function for each kind of argument.

static inline CURLcode chantal_easy_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode chantal_easy_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode chantal_easy_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode chantal_easy_set_headers(CURL *handle, struct curl_slist *headers) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}

static inline CURLcode chantal_easy_set_write(CURL *handle, curl_write_callback callback, void *user) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, callback);
    return code ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, user);
}

static inline CURLcode chantal_easy_set_header(CURL *handle, curl_write_callback callback, void *user) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, callback);
    return code ? code : curl_easy_setopt(handle, CURLOPT_HEADERDATA, user);
}

static inline CURLcode chantal_easy_info_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode chantal_easy_info_pointer(CURL *handle, CURLINFO info, void **value) {
    return curl_easy_getinfo(handle, info, value);
}

// libcurl's own sockets would be inherited by the programs that this process starts.
static inline curl_socket_t chantal_open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)user;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static inline CURLcode chantal_easy_close_on_exec(CURL *handle) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, chantal_open_socket);
}

static inline CURLMcode chantal_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

static inline CURLMcode chantal_multi_set_socket(CURLM *handle, curl_socket_callback callback, void *user) {
    CURLMcode code = curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, callback);
    return code ? code : curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, user);
}

static inline CURLMcode chantal_multi_set_timer(CURLM *handle, curl_multi_timer_callback callback, void *user) {
    CURLMcode code = curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, callback);
    return code ? code : curl_multi_setopt(handle, CURLMOPT_TIMERDATA, user);
}

// The message's union, and the end code in it.
static inline CURLcode chantal_message_result(const CURLMsg *message) { return message->data.result; }

// Macros with casts, which Swift does not import either.
static const long chantal_auth_basic = (long)CURLAUTH_BASIC;
static const long chantal_auth_bearer = (long)CURLAUTH_BEARER;
