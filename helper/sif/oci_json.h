// The JSON documents of an OCI image: index, manifest and configuration. Pure; runs where image.h
// runs. Internal to helper/sif, but for OciConfig.
//
// Format: OCI image specification 1.1, and the Docker documents (manifest version 2, schema 2) that
// it came from, which SingularityCE keeps as it pulled them. Index and manifest are read strictly:
// an unknown field is an error. A configuration may hold other fields, but none whose name differs
// from a known one only in case, because Go would read that as the known one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard::sif {

/// Limit for each document; real ones have some kilobytes.
inline constexpr std::size_t kMaxOciDocument = std::size_t{1} << 20U;
/// Docker allows at most 127. Overlayfs accepts 500.
inline constexpr std::size_t kMaxOciLayers = 128;
/// Limits for all words and variables of a configuration together.
inline constexpr std::size_t kMaxOciWords = 4096;
inline constexpr std::size_t kMaxOciText = std::size_t{128} << 10U;

/// What one document says about another blob.
struct OciReference {
  std::string media_type;
  std::string digest;  ///< "sha256:" and 64 lower-case hexadecimal digits
  std::uint64_t size = 0;
  std::string artifact_type;                       ///< empty if there is none
  std::map<std::string, std::string> annotations;  ///< of an entry of an index
};

struct OciManifest {
  std::string artifact_type;
  OciReference config;
  std::vector<OciReference> layers;  ///< the lowest first
};

/// The part of an image's configuration that a launch uses.
struct OciConfig {
  std::string architecture;  ///< Go's name
  std::string os;
  std::vector<std::string> env;  ///< NAME=VALUE; no two of one name
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string working_dir;            ///< absolute, or empty
  std::vector<std::string> diff_ids;  ///< of the layers, uncompressed, the lowest first
};

/// "sha256:" and 64 lower-case hexadecimal digits, the only form that is read.
[[nodiscard]] bool is_oci_digest(std::string_view text) noexcept;

/// Errors of all three: Code::refused, which names the document and the field.
[[nodiscard]] Result<std::vector<OciReference>> parse_oci_index(std::string_view text);
/// `media_type`: as the index states it; the document may repeat it.
[[nodiscard]] Result<OciManifest> parse_oci_manifest(std::string_view text,
                                                     std::string_view media_type);
[[nodiscard]] Result<OciConfig> parse_oci_config(std::string_view text);

}  // namespace sifguard::sif
