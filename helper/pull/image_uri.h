// The URIs that images are pulled from. Pure; the text comes from the job's owner.
//
//   oras://HOST[:PORT]/REPOSITORY[:TAG|@sha256:HEX]      an OCI registry
//   library://[HOST[:PORT]/]ENTITY/COLLECTION/NAME[:TAG]  a container library (HOST has a '.' or
//   ':') https://HOST[:PORT]/PATH                              a SIF on a web server
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct ImageUri {
  enum class Kind { oras, library, https };
  Kind kind = Kind::https;
  std::string host;       ///< with its port; empty for the usual library
  std::string path;       ///< repository, ENTITY/COLLECTION/NAME, or the rest of an https URI
  std::string reference;  ///< tag ("latest" if none was given) or "sha256:…"; empty for https
};

/// Errors: Code::usage, saying what to do about schemes that bring no SIF (docker and others).
[[nodiscard]] Result<ImageUri> parse_image_uri(std::string_view text);

}  // namespace sifguard
