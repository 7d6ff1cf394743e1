// The image that is to be published: found, bound and verified. Root on an admin's host.
#pragma once

#include <functional>
#include <string>

#include "helper/pipeline/node.h"
#include "helper/release/admission.h"
#include "helper/verify/examine.h"
#include "keystore/base/fd.h"

namespace sifguard {

struct SourceImage {
  std::string path;  ///< canonical
  UniqueFd fd;
  std::uint64_t size = 0;
  Binding binding;  ///< the one that matches
};

/// Errors: Code::no_input when it cannot be read; Code::denied unless exactly one binding matches,
/// which must be in mode enforce.
[[nodiscard]] Result<SourceImage> open_source(const std::string& path, const Policy& policy);

struct VerifiedImage {
  Admission admission;
  std::string digest;  ///< 64 lower-case hexadecimal digits
};

/// `copy` holds the bytes of `source`, and nobody else can write to it. It is verified as in a
/// launch: signers, certificates, revoked signers and digests, pin, encryption.
[[nodiscard]] Result<VerifiedImage> verify_source(const SourceImage& source, int copy,
                                                  const Node& node,
                                                  const ExamineOptions& examination);

}  // namespace sifguard
