//! Parts of what the core hands out, shared with the whole they are part of.

use std::marker::PhantomData;
use std::sync::Arc;

use yoke::Yoke;
use yoke::erased::ErasedArcCart;

/// A record, alone or inside another one that it keeps alive. A part is made without copying anything.
pub struct View<T: 'static>(Yoke<&'static T, ErasedArcCart>);

impl<T: Send + Sync + 'static> View<T> {
    /// A record that is no part of another.
    pub fn of(whole: T) -> Self {
        Self(Yoke::<&'static T, Arc<T>>::attach_to_cart(Arc::new(whole), |whole| whole).erase_arc_cart())
    }
}

impl<T: 'static> View<T> {
    /// The record.
    pub fn get(&self) -> &T {
        self.0.get()
    }

    /// A part of it.
    pub fn part<P: 'static>(&self, part: impl for<'a> FnOnce(&'a T) -> &'a P) -> View<P> {
        View(self.0.map_project_cloned(|whole, _: PhantomData<&_>| part(whole)))
    }
}

impl<T: PartialEq> PartialEq for View<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}
