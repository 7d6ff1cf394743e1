// A certificate, its CA and the root, as tests/unit/x509/make-pki makes them, and a time at which
// they and the seeds of the fuzz targets are valid. Their keys are thrown away.
#pragma once

#include <cstdint>

inline constexpr std::int64_t kChainTime = 1795351461;

inline constexpr const char* kRootPem =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBeDCCAR+gAwIBAgIBATAKBggqhkjOPQQDAjAjMQ0wCwYDVQQKDARUZXN0MRIw\n"
    "EAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIyMTE0NDEyWhgPMjEyNjEwMjkxMTQ0\n"
    "MTJaMCMxDTALBgNVBAoMBFRlc3QxEjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqG\n"
    "SM49AgEGCCqGSM49AwEHA0IABNAxo9/zTdj6l5FHSF8fQDBXkXoGO2LQXPqbb6pI\n"
    "EQHsSND/HG0trTjb5szvubwDYY37FaK8YbzIaxmuy5nfMqyjQjBAMA8GA1UdEwEB\n"
    "/wQFMAMBAf8wHQYDVR0OBBYEFFY825E5VBFkLVSk9b/n3O+rllpYMA4GA1UdDwEB\n"
    "/wQEAwIBBjAKBggqhkjOPQQDAgNHADBEAiBOTZuQkI4VgBBPWE2clED+BM+RFhIA\n"
    "5qVinC7aFER11AIgb4MAU41ouOu86yDHRvAJL+ESYG1k0bqP8BZyhmvLCGI=\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* kIssuerPem =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBmzCCAUGgAwIBAgIBAjAKBggqhkjOPQQDAjAjMQ0wCwYDVQQKDARUZXN0MRIw\n"
    "EAYDVQQDDAlUZXN0IFJvb3QwIBcNMjYxMTIyMTE0NDEyWhgPMjEyNjEwMjkxMTQ0\n"
    "MTJaMCExDTALBgNVBAoMBFRlc3QxEDAOBgNVBAMMB1Rlc3QgQ0EwWTATBgcqhkjO\n"
    "PQIBBggqhkjOPQMBBwNCAAR6Fx7Z3r37kyXGiAVvgHzXVaLRKAz6sU3Cr+i4okpp\n"
    "ogp36S4hvburnCI04UEFG2+8OLtr2zpwfZVOdty6S3uIo2YwZDASBgNVHRMBAf8E\n"
    "CDAGAQH/AgEAMB0GA1UdDgQWBBQtFR2huBoIAJw5OMeYdgc7MnCJQzAOBgNVHQ8B\n"
    "Af8EBAMCAQYwHwYDVR0jBBgwFoAUVjzbkTlUEWQtVKT1v+fc76uWWlgwCgYIKoZI\n"
    "zj0EAwIDSAAwRQIhAKmubDo5U0W5qluBQYYxliEnVRx77R5N6JqFngDncCgEAiBg\n"
    "lpCW1sxc6jvyTtZ+nS8g54GowS389qDF1zj28bbcXQ==\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* kLeafPem =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB+TCCAZ6gAwIBAgICEAEwCgYIKoZIzj0EAwIwITENMAsGA1UECgwEVGVzdDEQ\n"
    "MA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjIxMTQ0MTJaGA8yMTI2MTAyOTExNDQx\n"
    "MlowHzENMAsGA1UECgwEVGVzdDEOMAwGA1UEAwwFY2Fyb2wwWTATBgcqhkjOPQIB\n"
    "BggqhkjOPQMBBwNCAARYDfuv9HbSe0Hkg2yNvOM2RLhsSiTndvduNoxfrpcX/ERt\n"
    "K1d+HD/ayBZbjnbDRbGrIoVdZNJotonOCp4xLa4ko4HFMIHCMB0GA1UdDgQWBBRt\n"
    "Y9gKJ9ca2uvqJK1suRaOjN5XiTAfBgNVHSMEGDAWgBQtFR2huBoIAJw5OMeYdgc7\n"
    "MnCJQzAJBgNVHRMEAjAAMA4GA1UdDwEB/wQEAwIHgDATBgNVHSUEDDAKBggrBgEF\n"
    "BQcDAzBQBgNVHREESTBHgRFjYXJvbEBleGFtcGxlLm9yZ4IRQnVpbGQuRXhhbXBs\n"
    "ZS5vcmeGGWh0dHBzOi8vZXhhbXBsZS5vcmcvY2Fyb2yHBH8AAAEwCgYIKoZIzj0E\n"
    "AwIDSQAwRgIhAO+nXDjfwMt3oGGQ6nk5GCFI3MAxIlX+aTZnjujw808fAiEAh0u0\n"
    "ggm7yvGgp5u0VF0vGmN8OR5dFqnTzt3Xno7z0Jo=\n"
    "-----END CERTIFICATE-----\n";
