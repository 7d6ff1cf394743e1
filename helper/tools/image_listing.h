// Lists the parts of an image, for people and programs: the work of sif-list. The user's rights.
//
// Nothing here is verified: signatures are listed with what they claim.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "helper/sif/image.h"
#include "helper/sif/oci_image.h"
#include "helper/tools/signature_summary.h"
#include "keystore/base/error.h"

namespace sifguard {

struct ListedSignature {
  std::uint32_t object_id = 0;
  SignatureSummary summary;
};

struct ListedGroup {
  std::uint32_t id = 0;
  std::vector<std::uint32_t> objects;       ///< ids, ascending
  std::vector<ListedSignature> signatures;  ///< in table order; legacy ones of its objects too
};

struct Listing {
  sif::Image image;
  std::vector<ListedGroup> groups;       ///< ascending
  std::vector<std::uint32_t> ungrouped;  ///< objects other than signatures, ascending
  std::optional<sif::OciImage>
      oci;  ///< of an OCI-SIF whose documents are consistent; digests are not checked
  std::string oci_trouble;  ///< why an OCI-SIF has no `oci`; otherwise empty
};

/// Errors: those of sif::read_image().
[[nodiscard]] Result<Listing> list_image(int fd);

/// Lines for a terminal: a summary, and the table that `sif list` of sylabs/sif prints, with names.
[[nodiscard]] std::string listing_text(const Listing& listing);
/// `path` is shown as given.
[[nodiscard]] nlohmann::ordered_json listing_json(const Listing& listing, const std::string& path);

// Texts that both forms use.

/// "object 2", "objects 2, 3, 5-9"; the ids ascend.
[[nodiscard]] std::string objects_text(const std::vector<std::uint32_t>& ids);
/// "none", "LUKS" or "gocryptfs".
[[nodiscard]] std::string_view encryption_name(const sif::Image& image) noexcept;
/// Whether it is encrypted by a passphrase and not for a key.
[[nodiscard]] bool has_passphrase(const sif::Image& image) noexcept;
/// "01234567-89ab-…"; empty when it is all zero.
[[nodiscard]] std::string image_id(const sif::Image& image);
/// The header's or a descriptor's time at `offset`, UTC; empty when it is unset.
[[nodiscard]] std::string time_at(std::span<const std::byte> raw, std::size_t offset);
/// The role of an object in the OCI image, "layer 2"; empty if it has none or there is no `oci`.
[[nodiscard]] std::string oci_role(const Listing& listing, const sif::Descriptor& object);
/// Names as in `sif list`; "unknown (7)" for a number without a name.
[[nodiscard]] std::string file_system_name(sif::FileSystem file_system);
[[nodiscard]] std::string partition_type_name(sif::PartitionType type);
[[nodiscard]] std::string hash_name(std::int32_t hash);
[[nodiscard]] std::string message_format_name(std::int32_t format);
[[nodiscard]] std::string message_type_name(std::int32_t type);
[[nodiscard]] std::string sbom_format_name(std::int32_t format);

}  // namespace sifguard
