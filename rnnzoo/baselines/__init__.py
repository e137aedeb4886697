"""The simple things that a sensible person would try first, one file a task.

Each is fitted to the training part of the task's data and answers another part in the form in which
a model of the task does, so that one measure scores both on the same rows. They come from
well-kept libraries and take seconds: of large data, a part that is drawn at random is fitted.
"""
