// The libcurl that is here, as if it were 7.76, our floor (RHEL 9): that version's number, and an
// error for the names that came later (libcurl's docs/libcurl/symbols-in-versions).
#pragma once
#pragma GCC system_header  // #include_next is an extension

#define CURL_DISABLE_DEPRECATION
#include_next <curl/curl.h>

#undef LIBCURL_VERSION_NUM
#define LIBCURL_VERSION_NUM 0x074c00

#define CURLOPT_PROTOCOLS_STR CURLOPT_PROTOCOLS_STR_is_of_7_85
#define CURLOPT_REDIR_PROTOCOLS_STR CURLOPT_REDIR_PROTOCOLS_STR_is_of_7_85
#define CURLOPT_CAINFO_BLOB CURLOPT_CAINFO_BLOB_is_of_7_77
#define CURLOPT_MAXLIFETIME_CONN CURLOPT_MAXLIFETIME_CONN_is_of_7_80
#define CURLOPT_PREREQFUNCTION CURLOPT_PREREQFUNCTION_is_of_7_80
#define CURLOPT_CA_CACHE_TIMEOUT CURLOPT_CA_CACHE_TIMEOUT_is_of_7_87
#define CURLOPT_QUICK_EXIT CURLOPT_QUICK_EXIT_is_of_7_87
#define CURLINFO_CONN_ID CURLINFO_CONN_ID_is_of_8_2
#define CURLFOLLOW_OBEYCODE CURLFOLLOW_OBEYCODE_is_of_8_13
#define curl_url_strerror curl_url_strerror_is_of_7_80
#define curl_easy_header curl_easy_header_is_of_7_83
