// The part of the report about an OCI image, and whether its blobs have the stated digests. Runs in
// the sandboxed verifier.
#pragma once

#include <vector>

#include "helper/sif/oci_image.h"
#include "helper/verify/sandbox/statement_check.h"
#include "helper/verify/wire/report.h"

namespace sifguard {

/// The report's OCI part, and the architecture.
void describe_oci(const sif::Image& image, sif::OciImage oci, VerifierReport& report);

/// Requests a digest of every blob in the one pass over the data. Call it before
/// StatementCheck::hash().
void hash_blobs(const sif::Image& image, StatementCheck& check);

/// Call it after StatementCheck::hash(). Errors: Code::refused when a blob's data has another
/// digest than its descriptor, and so the documents, state.
Status check_blobs(const sif::Image& image, const StatementCheck& check);

}  // namespace sifguard
