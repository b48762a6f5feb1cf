#include "dunlin/memory/value.hpp"

#include "dunlin/base/error.hpp"

namespace dunlin {

struct Value::Held {
  std::shared_ptr<const void> owner;
  Coords strides{};
  const ValueOps* ops = nullptr;
};

Value::Value(Buffer buffer)
    : form_(buffer.empty() ? Form::nothing : Form::owned),
      data_(buffer.data()),
      size_(buffer.size()),
      buffer_(std::move(buffer)) {}

Value::Value(Value&& other) noexcept
    : form_(std::exchange(other.form_, Form::nothing)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      buffer_(std::move(other.buffer_)),
      held_(std::move(other.held_)) {}

Value& Value::operator=(Value&& other) noexcept {
  form_ = std::exchange(other.form_, Form::nothing);
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  buffer_ = std::move(other.buffer_);
  held_ = std::move(other.held_);
  return *this;
}

Value::Value() noexcept = default;
Value::~Value() = default;

Value Value::shared(std::shared_ptr<const Buffer> buffer) {
  LentMemory memory{.data = buffer->data(), .bytes = buffer->size()};
  memory.owner = std::move(buffer);
  return lent(std::move(memory));
}

Value Value::lent(LentMemory memory) {
  Value value;
  value.form_ = Form::held;
  value.data_ = memory.data;
  value.size_ = memory.bytes;
  value.held_ = std::make_unique<Held>(std::move(memory.owner), memory.strides);
  return value;
}

Value Value::object(std::shared_ptr<const void> object, const ValueOps& ops) {
  Value value;
  value.form_ = Form::object;
  value.size_ = ops.size(object.get());
  value.held_ = std::make_unique<Held>(std::move(object), Coords{}, &ops);
  return value;
}

const Coords& Value::strides() const {
  static const Coords none{};
  return held_ ? held_->strides : none;
}

const void* Value::get() const {
  require(is_object(), "only an object has a type of its own");
  return held_->owner.get();
}

const ValueOps& Value::ops() const {
  require(is_object(), "only an object has operations");
  return *held_->ops;
}

void Value::make_shared() {
  if (form_ == Form::owned) *this = shared(std::make_shared<const Buffer>(std::move(buffer_)));
}

Value Value::share() const {
  require(held_ != nullptr, "what one holder owns alone cannot be shared");
  Value other;
  other.form_ = form_;
  other.data_ = data_;
  other.size_ = size_;
  other.held_ = std::make_unique<Held>(*held_);
  return other;
}

}  // namespace dunlin
