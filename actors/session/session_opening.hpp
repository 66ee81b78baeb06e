#pragma once

#include <functional>
#include <string>

#include "actors/policy/order/session_plan.hpp"
#include "actors/session/session_types.hpp"
#include "wire/batch.hpp"
#include "wire/dataset_description.hpp"
#include "wire/session/client_message.hpp"
#include "wire/status_code.hpp"

namespace dispatch {

/// The part of a session between `hello` and `welcome`: finds out what the dataset is and how its service cuts it into
/// blocks, and has a plan made of that.
class session_opening {
public:
  /// @param on_plan called once, with what the session gets
  /// @param on_refused called instead, with the reason
  session_opening(session_actor::pointer self, const session_options& options, batch_provider source,
                  std::function<void(policy::session_plan)> on_plan, std::function<void(const failure&)> on_refused);

  void begin(hello asked, deadline until);

  /// Whether batch 0 is awaited.
  bool awaits_layout() const noexcept { return awaits_layout_; }

  /// Batch 0 has come.
  void layout_arrived(const batch& first);

  /// It will not come.
  void layout_failed(const failure& reason);

  const std::string& dataset() const noexcept { return description_.dataset; }

private:
  void ask_for_description(deadline until);
  void on_described(const dataset_description& description, deadline until);
  void on_not_described(const caf::error& reason, deadline until);
  void ask_for_layout(deadline until);
  void finish(const batch_layout& layout);

  session_actor::pointer self_;
  const session_options& options_;
  batch_provider source_;
  std::function<void(policy::session_plan)> on_plan_;
  std::function<void(const failure&)> on_refused_;
  hello asked_;
  dataset_description description_;
  bool awaits_layout_ = false;
};

} // namespace dispatch
